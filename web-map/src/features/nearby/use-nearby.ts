/** The question: drawn on the map, kept in the address, and answered again every few seconds while it is open. */
import { type ComputedRef, computed, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue';
import type { ApiProblem } from '../../api';
import { type Drawing, useSketch } from '../../fences/use-sketch';
import { every } from '../../live/every';
import { useView } from '../../stores/view';
import { onReturn } from '../../ui/on-return';
import { useResource } from '../../ui/resource';
import { useSteady } from '../../ui/use-steady';
import { type Answer, type Asked, type Found, findNear, inSteadyOrder } from './answer';
import { decodeNear, empty, encodeNear, questionOf, sketchOf, USUAL_COUNT } from './question';
import { statusesIn } from './statuses';

const REFRESH_MS = 5_000;

export interface Nearby {
  drawing: Drawing;
  /** How many of the nearest. */
  count: Ref<number>;
  asked: ComputedRef<Asked | null>;
  /** Null until there is one to the question of now. */
  answer: ComputedRef<Answer | null>;
  found: Readonly<ShallowRef<Found[]>>;
  problem: Readonly<ShallowRef<ApiProblem | null>>;
  reload: () => Promise<void>;
  /** Moves on with every question that was not drawn here, but came with the address or from a card. */
  timesTaken: Readonly<Ref<number>>;
}

export function useNearby(): Nearby {
  const view = useView();
  const drawing = useSketch();
  const count = ref(USUAL_COUNT);
  const timesTaken = ref(0);
  const asked = computed<Asked | null>(() => {
    const question = decodeNear(view.near);
    return question && { question, status: statusesIn(view.status) };
  });

  /** What was put into the address here. */
  let written: string | null | undefined;
  watch(
    () => view.near,
    (near) => {
      if (near === written) return;
      const question = decodeNear(near);
      written = question && near;
      // What cannot be read does not stay in the address.
      view.near = written;
      count.value = question?.count ?? USUAL_COUNT;
      drawing.begin(question ? sketchOf(question) : empty('point'));
      if (question) timesTaken.value += 1;
    },
    { immediate: true },
  );
  watch([drawing.sketch, drawing.isDragged, count], ([sketch, isDragged]) => {
    if (isDragged || !sketch) return;
    const question = questionOf(sketch, count.value);
    written = question && encodeNear(question);
    view.near = written;
  });

  const { data, loading, problem, reload } = useResource(() => asked.value, findNear);
  const steady = useSteady({ data, problem });
  const answer = computed(() => {
    const now = asked.value && steady.value;
    return now?.form === asked.value?.question.form ? now : null;
  });
  const found = shallowRef<Found[]>([]);
  watch(
    answer,
    (now) => {
      found.value = now ? inSteadyOrder(now.found, found.value) : [];
    },
    { immediate: true },
  );

  const refresh = () => {
    if (asked.value && !document.hidden && !loading.value) void reload();
  };
  every(REFRESH_MS, refresh);
  onReturn(refresh);

  return { drawing, count, asked, answer, found, problem, reload, timesTaken };
}
