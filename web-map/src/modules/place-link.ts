/** The way to a place on the map: it opens there, and the map flies to it. */
import { encodeView } from '../router/view-url';
import { useView } from '../stores/view';

export function usePlaceLink() {
  const view = useView();
  return ({ kind, feature_id }: { kind: string; feature_id: number }) => ({
    path: '/',
    query: encodeView({
      ...view.$state,
      camera: null,
      floor: null,
      selected: { kind, id: feature_id },
    }),
  });
}
