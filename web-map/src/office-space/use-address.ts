/** What a page asks for, kept in its address. */
import { useRoute, useRouter } from 'vue-router';

export function useAddress() {
  const route = useRoute();
  const router = useRouter();

  /** Empty where the address does not say. */
  function text(key: string): string {
    const value = route.query[key];
    return typeof value === 'string' ? value : '';
  }

  function id(key: string): number | null {
    return /^\d{1,16}$/.test(text(key)) ? Number(text(key)) : null;
  }

  /** An empty value is left out. */
  function change(values: Record<string, string | number | null>) {
    const query = { ...route.query };
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === '') delete query[key];
      else query[key] = String(value);
    }
    void router.replace({ path: route.path, query });
  }

  return { text, id, change };
}
