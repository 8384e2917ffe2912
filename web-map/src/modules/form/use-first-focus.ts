/** A dialog that asks for something begins with what it asks for, not with the button that closes it. */
import { onMounted, type Ref } from 'vue';

export function useFirstFocus(form: Readonly<Ref<HTMLElement | null>>) {
  onMounted(() => {
    form.value?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  });
}
