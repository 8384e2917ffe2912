/** The alarms that a filter finds, and how many they are. */
import { type AlarmQuery, listAlarms } from '../api/alarms';
import { useFleetNews } from '../live/follow-fleet';
import { useNewestFirst } from '../ui/use-newest-first';

export const useAlarms = (question: () => AlarmQuery) =>
  useNewestFirst({
    question,
    list: listAlarms,
    idOf: ({ alarm_id }) => alarm_id,
    follow: (again, hasFailed) => useFleetNews('alarms', again, hasFailed),
  });
