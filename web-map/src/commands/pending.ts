/** How many commands wait for this reader: asked every half minute while anybody shows it, and after each deed of one's own. */
import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref } from 'vue';
import { listCommands } from '../api/commands';
import { useSession } from '../identity/session';
import { useResource } from '../ui/resource';
import { useSteady } from '../ui/use-steady';

const EVERY_MS = 30_000;
/** As many as a badge counts. */
const MOST = 100;

export const usePendingCommands = defineStore('pending-commands', () => {
  const session = useSession();
  const shownBy = ref(0);
  const { data, problem, reload } = useResource(
    () => (shownBy.value > 0 && session.may('command') ? 'requested' : null),
    (state, signal) => listCommands({ state, limit: MOST }, signal),
  );
  const answer = useSteady({ data, problem });
  let timer: ReturnType<typeof setInterval> | undefined;

  /** For as long as the caller is on the page. */
  function follow() {
    shownBy.value += 1;
    if (shownBy.value === 1) {
      timer = setInterval(() => {
        if (!document.hidden) void reload();
      }, EVERY_MS);
    }
    onScopeDispose(() => {
      shownBy.value -= 1;
      if (shownBy.value === 0) clearInterval(timer);
    });
  }

  return {
    /** One's own are for somebody else to approve. */
    count: computed(
      () =>
        answer.value?.items.filter(({ requested_by }) => requested_by !== session.user?.login)
          .length ?? 0,
    ),
    reload,
    follow,
  };
});
