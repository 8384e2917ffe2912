/** Keeps the pages and the session together: at every step, at every word of the server, and when a page is brought back. */
import { watch } from 'vue';
import type { Router } from 'vue-router';
import { onSessionNews, type SessionNews } from '../api/session-news';
import { gate } from './gate';
import { renewEverything } from './renewal';
import { signInPath } from './return-to';
import { useSession } from './session';

/**
 * A page that has shown somebody's data is not used for the next: leaving the session loads it anew, and nothing of it
 * stays in memory, on the map or on the wire.
 */
export function leaveTo(path: string) {
  window.location.replace(path);
}

export function keepSession(router: Router, leave = leaveTo) {
  let watched = false;
  router.beforeEach(async (to) => {
    const session = useSession();
    if (!watched) {
      watched = true;
      const changed = (now: string | null, before: string | null) => {
        if (now !== null && before !== null) void hear(router, 'rights-changed', leave);
      };
      // At once: within `hear` itself this must find it busy.
      watch(() => session.rights, changed, { flush: 'sync' });
    }
    if (session.state === 'unknown') await session.load();
    return gate(to, session);
  });
  onSessionNews((news) => void hear(router, news, leave));
  // The browser may bring a page back as it was, long after its session has ended.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) void hear(router, 'rights-changed', leave);
  });
}

let leaving = false;
let renewing = false;

async function hear(router: Router, news: SessionNews, leave: (path: string) => void) {
  const session = useSession();
  // Before somebody was known, the question at the start was answered: the gate takes it from there.
  if (session.state === 'unknown' || session.state === 'signed-out' || leaving) return;
  if (news === 'not-signed-in') {
    leaving = true;
    leave(signInPath(router.currentRoute.value.fullPath));
    return;
  }
  if (renewing || (news === 'password-change-needed' && session.state === 'password-change'))
    return;
  renewing = true;
  try {
    // An ended session answers by news of its own.
    await session.load();
    if (leaving) return;
    const here = router.currentRoute.value;
    const elsewhere = gate(here, session);
    if (typeof elsewhere === 'string') await router.replace(elsewhere);
    renewEverything();
  } finally {
    renewing = false;
  }
}
