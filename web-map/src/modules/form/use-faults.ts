/** What is wrong with a form: what is plain to see once it was tried, and what the server found, each until it is changed. */
import { computed, nextTick, type Ref, ref, shallowRef } from 'vue';
import { type ApiProblem, asProblem, type Bilingual } from '../../api';
import { nameOf } from '../../i18n';
import type { Faults } from './check';

export interface OtherFault {
  path: string;
  message: Bilingual;
}

export function useFaults(check: () => Faults, form: Readonly<Ref<HTMLElement | null>>) {
  const tried = ref(false);
  const problem = shallowRef<ApiProblem | null>(null);
  const told = shallowRef<Record<string, Bilingual>>({});
  const plain = computed<Faults>(() => (tried.value ? check() : {}));

  const errorOf = (path: string): string => plain.value[path] ?? nameOf(told.value[path]);
  /** What the server says of fields that this form does not have. */
  const others = (known: (path: string) => boolean): OtherFault[] =>
    Object.entries(told.value).flatMap(([path, message]) =>
      known(path) ? [] : [{ path, message }],
    );

  async function focusFirst() {
    await nextTick();
    const first = form.value?.querySelector<HTMLElement>('[aria-invalid="true"]');
    first?.focus();
    first?.scrollIntoView({ block: 'center' });
  }

  /** False, with the focus at the first fault, while there are any. */
  async function isFine(): Promise<boolean> {
    tried.value = true;
    problem.value = null;
    told.value = {};
    if (Object.keys(plain.value).length === 0) return true;
    await focusFirst();
    return false;
  }

  async function refused(cause: unknown) {
    const fault = asProblem(cause);
    problem.value = fault;
    told.value = Object.fromEntries(
      fault.faults.map(({ field, message }, at) => [field ?? `other.${at}`, message]),
    );
    await focusFirst();
  }

  function changed(path: string) {
    if (!(path in told.value)) return;
    const { [path]: _, ...rest } = told.value;
    told.value = rest;
  }

  return { problem, errorOf, others, isFine, refused, changed };
}
