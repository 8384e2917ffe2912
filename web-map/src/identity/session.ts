/** Who is looking, and what they may do. Rules are the server's; here they only keep from offering what it would refuse. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { type ApiProblem, asProblem } from '../api';
import {
  type Credentials,
  createSession,
  deleteSession,
  getSession,
  type Permission,
  type Session,
} from '../api/session';

/** `unknown`: the server has not answered yet. `password-change`: nothing is open but the page for a new password. */
export type SessionState = 'unknown' | 'signed-out' | 'signed-in' | 'password-change';

export const useSession = defineStore('session', () => {
  const state = ref<SessionState>('unknown');
  const session = shallowRef<Session | null>(null);
  /** Why the server could not be asked; null once it has answered. */
  const problem = shallowRef<ApiProblem | null>(null);
  const user = computed(() => session.value?.user ?? null);
  /** Changes whenever what may be seen or done does. */
  const rights = computed(() =>
    session.value === null
      ? null
      : JSON.stringify([
          session.value.user.user_id,
          session.value.roles,
          session.value.permissions,
          session.value.masked,
          session.value.unmasked_until !== null,
        ]),
  );

  function may(...anyOf: Permission[]): boolean {
    return anyOf.some((one) => session.value?.permissions.includes(one) ?? false);
  }

  function take(answer: Session | null) {
    session.value = answer;
    problem.value = null;
    if (answer === null) state.value = 'signed-out';
    else state.value = answer.must_change_password ? 'password-change' : 'signed-in';
  }

  /** Asks who this is. What was known stays when the server is silent. */
  async function load(): Promise<SessionState> {
    try {
      take(await getSession());
    } catch (cause) {
      const fault = asProblem(cause);
      if (fault.status === 401) take(null);
      else problem.value = fault;
    }
    return state.value;
  }

  async function signIn(credentials: Credentials): Promise<void> {
    take(await createSession(credentials));
  }

  /** A session that is over already is as good as ended. */
  async function signOut(): Promise<void> {
    try {
      await deleteSession();
    } catch (cause) {
      if (asProblem(cause).status !== 401) throw cause;
    }
    take(null);
  }

  /** Known here before the server is asked again: masks are lifted until then, or put back. */
  function setUnmasked(until: string | null) {
    if (session.value === null) return;
    const masked = until === null ? session.value.masked : [];
    session.value = { ...session.value, masked, unmasked_until: until };
  }

  return { state, session, problem, user, rights, may, load, signIn, signOut, setUnmasked };
});
