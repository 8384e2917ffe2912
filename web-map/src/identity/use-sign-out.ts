/** Ends the session and leaves nothing of it in this page. */
import { ref, shallowRef } from 'vue';
import { type ApiProblem, asProblem } from '../api';
import { useView } from '../stores/view';
import { inAppearance } from './appearance';
import { leaveTo } from './keep';
import { useSession } from './session';

export function useSignOut() {
  const session = useSession();
  const view = useView();
  const leaving = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);

  async function signOut() {
    leaving.value = true;
    problem.value = null;
    try {
      await session.signOut();
      leaveTo(inAppearance('/sign-in', view));
    } catch (cause) {
      problem.value = asProblem(cause);
      leaving.value = false;
    }
  }

  return { leaving, problem, signOut };
}
