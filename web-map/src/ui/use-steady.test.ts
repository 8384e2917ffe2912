import { expect, test } from 'vitest';
import { effectScope, nextTick, shallowRef } from 'vue';
import type { ApiProblem } from '../api';
import { useSteady } from './use-steady';

test('the last answer stays while the next question is under way, and goes when that fails', async () => {
  const scope = effectScope();
  await scope.run(async () => {
    const data = shallowRef<string | null>(null);
    const problem = shallowRef<ApiProblem | null>(null);
    const steady = useSteady({ data, problem });
    data.value = 'first';
    await nextTick();
    data.value = null;
    await nextTick();
    expect(steady.value).toBe('first');
    problem.value = {} as ApiProblem;
    await nextTick();
    expect(steady.value).toBeNull();
  });
  scope.stop();
});

test('an answer that could not be refreshed stays: it is of the same question', async () => {
  const scope = effectScope();
  await scope.run(async () => {
    const data = shallowRef<string | null>('first');
    const problem = shallowRef<ApiProblem | null>(null);
    const steady = useSteady({ data, problem });
    problem.value = {} as ApiProblem;
    await nextTick();
    expect(steady.value).toBe('first');
  });
  scope.stop();
});
