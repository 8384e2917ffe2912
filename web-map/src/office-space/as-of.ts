/** The day that the ledger is read for, kept while one goes from room to room. Empty: today. */
import { computed, ref } from 'vue';
import { readDay } from '../ui/read-day';

export const asOf = ref('');

/** Nothing while it is today, or not a day. */
export const asOfDay = computed(() => readDay(asOf.value) ?? undefined);
