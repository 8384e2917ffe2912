/** Who may change standards. The permission is newer than some servers: without it nobody may. */
import { computed } from 'vue';
import { useSession } from '../identity/session';

export function useMayManage() {
  const session = useSession();
  return computed(
    () =>
      (session.session?.permissions as readonly string[] | undefined)?.includes(
        'manage_standards',
      ) === true,
  );
}
