/** Keeps the address bar and the view the same. Choosing something is a step to go back from; moving about is not. */
import { onScopeDispose, watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { useView } from '../stores/view';
import { decodeView, encodeView, type Query } from './view-url';

/** `onRestore` runs when the reader goes back or forward, after the view has taken the address's state. */
export function useViewInUrl(onRestore: () => void) {
  const view = useView();
  const route = useRoute();
  const router = useRouter();
  const current = (): Query => encodeView(view);
  const isSame = (query: Record<string, unknown>) =>
    JSON.stringify(encodeView(decodeView(query))) === JSON.stringify(current());

  /** All of it: a patch of objects would keep what the address has no more, like a layer that is off again. */
  const take = (query: Record<string, unknown>) =>
    view.$patch((state) => void Object.assign(state, decodeView(query)));

  take(route.query);

  watch(
    current,
    (query, before) => {
      if (isSame(router.currentRoute.value.query)) return;
      const isStep = query.at !== before.at || query.list !== before.list;
      const target = { path: '/', query };
      void (isStep ? router.push(target) : router.replace(target));
    },
    { deep: true },
  );

  const stop = router.afterEach((to) => {
    if (to.name !== 'map' || isSame(to.query)) return;
    take(to.query);
    onRestore();
  });
  onScopeDispose(stop);
}
