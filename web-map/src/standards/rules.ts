/** Who may change standards. */
import { computed } from 'vue';
import { useSession } from '../identity/session';

export function useMayManage() {
  const session = useSession();
  return computed(() => session.may('manage_standards'));
}
