/** How many decisions wait for this reader: asked every minute while anybody shows it, and after each deed of one's own. */
import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref } from 'vue';
import { listTasks } from '../../api/tasks';
import { useSession } from '../../identity/session';
import { useResource } from '../../ui/resource';
import { useSteady } from '../../ui/use-steady';

const EVERY_MS = 60_000;

export const useOpenTasks = defineStore('open-tasks', () => {
  const session = useSession();
  const shownBy = ref(0);
  const { data, problem, reload } = useResource(
    () => (shownBy.value > 0 && session.may('read') ? 'open' : null),
    (_, signal) => listTasks({ state: 'open', limit: 1 }, signal),
  );
  const answer = useSteady({ data, problem });
  let timer: ReturnType<typeof setInterval> | undefined;

  /** For as long as the caller is on the page. */
  function follow() {
    shownBy.value += 1;
    if (shownBy.value === 1) {
      timer = setInterval(() => {
        if (!window.document.hidden) void reload();
      }, EVERY_MS);
    }
    onScopeDispose(() => {
      shownBy.value -= 1;
      if (shownBy.value === 0) clearInterval(timer);
    });
  }

  return {
    total: computed(() => answer.value?.total ?? 0),
    overdue: computed(() => answer.value?.overdue ?? 0),
    reload,
    follow,
  };
});
