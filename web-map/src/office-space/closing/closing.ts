/** A closing as it is typed, what is wrong with it, and how the one in force reads. */
import type { Closing } from '../../api/space';
import { t } from '../../i18n';
import type { Faults } from '../../modules/form/check';
import { whoOf } from '../../modules/who';
import { beijingDay, dayBefore } from '../../ui/beijing-day';
import { readDay } from '../../ui/read-day';

/** As the server has it. */
const NOTE_CHARS = { least: 2, most: 500 };

export interface ClosingDraft {
  through: string;
  note: string;
}

/** A month is closed once it is over. */
export function emptyClosing(today: string): ClosingDraft {
  return { through: dayBefore(`${today.slice(0, 7)}-01`), note: '' };
}

/** By the field they are about, in the names of the server. */
export function faultsOf({ through, note }: ClosingDraft, today: string): Faults {
  const faults: Faults = {};
  const day = readDay(through);
  if (!day) faults.through = t('space.needDay');
  else if (day >= today) faults.through = t('closing.needPast');
  const { length } = [...note.trim()];
  if (length < NOTE_CHARS.least || length > NOTE_CHARS.most) faults.note = t('closing.needNote');
  return faults;
}

/** Does it open days that are closed? */
export function reopens(through: string, inForce: Closing | null): boolean {
  const day = readDay(through);
  return day !== null && inForce !== null && day < inForce.through;
}

/** Days are written as they are typed, so that the line and the dialog read alike. */
export function stateText(inForce: Closing | null): string {
  if (!inForce) return t('closing.never');
  const { through, actor, actor_name, at } = inForce;
  return t('closing.through', {
    through,
    who: whoOf(actor, actor_name).name,
    on: beijingDay(Date.parse(at)),
  });
}
