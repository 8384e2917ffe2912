import { expect, test, vi } from 'vitest';
import { effectScope, nextTick } from 'vue';
import { renewEverything } from '../identity/renewal';
import { type Resource, useResource } from './resource';

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('a renewal drops what is shown at once and fetches it again', async () => {
  const fetcher = vi.fn(async (_: string) => fetcher.mock.calls.length);
  const scope = effectScope();
  const { data } = scope.run(() => useResource(() => 'layers', fetcher)) as Resource<number>;
  await settled();
  expect(data.value).toBe(1);
  renewEverything();
  expect(data.value).toBeNull();
  await settled();
  expect(data.value).toBe(2);
  scope.stop();
  renewEverything();
  await nextTick();
  expect(fetcher).toHaveBeenCalledTimes(2);
});

test('what nobody wants is not fetched by a renewal either', async () => {
  const fetcher = vi.fn(async () => 1);
  const scope = effectScope();
  scope.run(() => useResource(() => null, fetcher));
  renewEverything();
  await settled();
  expect(fetcher).not.toHaveBeenCalled();
  scope.stop();
});
