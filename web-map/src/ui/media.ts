/** Which of the three layouts applies. */
import { readonly, ref } from 'vue';

const phoneQuery = window.matchMedia('(max-width: 720px)');
const phone = ref(phoneQuery.matches);
phoneQuery.addEventListener('change', (event) => {
  phone.value = event.matches;
});

export const isPhone = readonly(phone);
