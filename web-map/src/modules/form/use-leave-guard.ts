/** What was filled in is not lost by a step to another page: somebody is asked first. */
import { onBeforeUnmount, onMounted, ref } from 'vue';
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router';

export function useLeaveGuard(isChanged: () => boolean) {
  const asking = ref(false);
  let answer: ((leave: boolean) => void) | null = null;

  function decide(leave: boolean) {
    asking.value = false;
    answer?.(leave);
    answer = null;
  }

  function ask(): true | Promise<boolean> {
    if (!isChanged()) return true;
    asking.value = true;
    return new Promise<boolean>((resolve) => {
      answer = resolve;
    });
  }

  onBeforeRouteLeave(ask);
  // The same form for another kind or document.
  onBeforeRouteUpdate((to, from) => to.path === from.path || ask());

  const beforeUnload = (event: BeforeUnloadEvent) => {
    if (isChanged()) event.preventDefault();
  };
  onMounted(() => window.addEventListener('beforeunload', beforeUnload));
  onBeforeUnmount(() => {
    window.removeEventListener('beforeunload', beforeUnload);
    answer?.(true);
  });

  return { asking, decide };
}
