/** The commands that a filter finds, and the open one; asked for more often while one of them is under way. */
import { computed } from 'vue';
import { type Command, type CommandQuery, getCommand, listCommands } from '../api/commands';
import { every } from '../live/every';
import { useResource } from '../ui/resource';
import { useNewestFirst } from '../ui/use-newest-first';
import { isUnderWay } from './life';

const SOON_MS = 3_000;

export function useCommands(question: () => CommandQuery, openedId: () => number | null) {
  const list = useNewestFirst({
    question,
    list: listCommands,
    idOf: ({ command_id }) => command_id,
  });
  const { items } = list;
  const inList = (id: number | null) =>
    items.value?.find(({ command_id }) => command_id === id) ?? null;

  /** The list may not hold it: it is of another filter, or further down. */
  const one = useResource(openedId, getCommand);
  /** Of what both hold, that which has lived longer: the two are not asked at one moment. */
  const opened = computed(() => later(inList(openedId()), one.data.value));

  every(SOON_MS, () => {
    if (items.value?.some(({ state }) => isUnderWay(state))) list.again();
    const id = openedId();
    const isWatched = id !== null && opened.value !== null && isUnderWay(opened.value.state);
    if (isWatched && !list.isFollowed(id) && !document.hidden && !one.loading.value) {
      void one.reload();
    }
  });

  /** How it stands after a decision. */
  function take(command: Command) {
    list.put(command);
    void list.reload();
    if (openedId() === command.command_id) void one.reload();
  }

  return { list, one, inList, opened, take };
}

function later(one: Command | null, other: Command | null): Command | null {
  if (!one || !other || one.command_id !== other.command_id) return one ?? other;
  return other.events.length > one.events.length ? other : one;
}
