/** The alarms that nobody has closed, for the bell and all who show them: followed while anybody does, and rung once each. */
import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { type ApiProblem, asProblem, isAbort } from '../api';
import type { Alarm, AlarmPage } from '../api/alarms';
import { useSession } from '../identity/session';
import { type Known, newsIn } from './news';
import { armSound, ring } from './sound';
import { followAlarms, type Source } from './source';

export const useAlarmWatch = defineStore('alarm-watch', () => {
  const session = useSession();
  const shownBy = ref(0);
  const page = shallowRef<AlarmPage | null>(null);
  /** Why the last answer did not come; what was heard before it stays. */
  const problem = shallowRef<ApiProblem | null>(null);
  /** Severe ones that were told of and not yet put away, the newest first. */
  const told = shallowRef<readonly Alarm[]>([]);
  let known: Known | null = null;
  let source: Source | null = null;

  function hear(answer: AlarmPage) {
    page.value = answer;
    problem.value = null;
    const news = newsIn(known, answer.items);
    known = news.known;
    if (news.severe.length === 0) return;
    told.value = [...news.severe, ...told.value];
    ring();
  }

  function fail(cause: unknown) {
    if (!isAbort(cause)) problem.value = asProblem(cause);
  }

  /** Whose alarms are heard now; other rights see others, and none of those is news. */
  const rights = computed(() => (session.may('track') ? session.rights : null));
  const wanted = computed(() => (shownBy.value > 0 ? rights.value : null));
  watch(rights, forget);
  watch(wanted, (now) => {
    source?.stop();
    source = null;
    if (now === null) return;
    armSound();
    source = followAlarms(hear, fail);
  });

  function forget() {
    known = null;
    page.value = null;
    problem.value = null;
    told.value = [];
  }

  /** For as long as the caller is on the page. */
  function follow() {
    shownBy.value += 1;
    onScopeDispose(() => {
      shownBy.value -= 1;
    });
  }

  function putAway(alarmId: number) {
    told.value = told.value.filter(({ alarm_id }) => alarm_id !== alarmId);
  }

  return {
    items: computed(() => page.value?.items ?? null),
    /** How many there are, whether the answer holds them or not. */
    count: computed(() => page.value?.total ?? 0),
    /** There are more than `count`. */
    isCapped: computed(() => page.value?.is_total_capped ?? false),
    problem,
    told,
    putAway,
    follow,
    reload: () => source?.now(),
  };
});
