/** Which of the three layouts applies. */
import { readonly, ref } from 'vue';

const phoneQuery = window.matchMedia('(max-width: 720px)');
const phone = ref(phoneQuery.matches);
phoneQuery.addEventListener('change', (event) => {
  phone.value = event.matches;
});

/** Room for one panel beside the map, not for two. */
const narrowQuery = window.matchMedia('(max-width: 1000px)');
const narrow = ref(narrowQuery.matches);
narrowQuery.addEventListener('change', (event) => {
  narrow.value = event.matches;
});

export const isPhone = readonly(phone);
export const isNarrow = readonly(narrow);
