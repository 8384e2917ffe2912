/** The alarms that a filter finds. */
import { type AlarmQuery, listAlarms } from '../api/alarms';
import { useNewestFirst } from '../ui/use-newest-first';

export const useAlarms = (question: () => AlarmQuery) =>
  useNewestFirst({ question, list: listAlarms, idOf: ({ alarm_id }) => alarm_id });
