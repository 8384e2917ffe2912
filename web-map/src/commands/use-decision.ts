/** A decision on a command: asked once more, sent, and what to do when the command has moved on meanwhile. */
import { ref, shallowRef } from 'vue';
import { asProblem } from '../api';
import {
  COMMAND_OUT_OF_TURN,
  type Command,
  type Decision,
  decideCommand,
  getCommand,
} from '../api/commands';

/** `take` is told how the command stands afterwards, whoever brought it there. */
export function useDecision(take: (command: Command) => void) {
  const asking = shallowRef<{ command: Command; decision: Decision } | null>(null);
  const busy = ref(false);
  /** Somebody else was quicker. */
  const moved = ref(false);

  async function finish(note: string) {
    if (!asking.value) return;
    const { command, decision } = asking.value;
    busy.value = true;
    moved.value = false;
    try {
      take(await decideCommand(command.command_id, { decision, note }));
    } catch (cause) {
      const refused = asProblem(cause);
      if (refused.code !== COMMAND_OUT_OF_TURN) throw refused;
      const now = await getCommand(command.command_id);
      moved.value = true;
      if (now) take(now);
    } finally {
      busy.value = false;
    }
    asking.value = null;
  }

  function begin(command: Command | null, decision: Decision) {
    if (command && !busy.value) asking.value = { command, decision };
  }

  return { asking, busy, moved, begin, finish };
}
