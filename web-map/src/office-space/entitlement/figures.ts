/** The numbers of an entitlement, each with the standards that it follows from. */
import type { Decision } from '../../api/documents';
import type { Amount, Entitlement } from '../../api/space';

export type EntitledTo = 'offices' | 'service' | 'equipment' | 'basic' | 'gross' | 'canteen';

export interface EntitledFigure {
  id: EntitledTo;
  m2: Amount;
  decisions: Decision[];
}

/** Sets of standards by what they say something about; what adds up others cites nothing of its own. */
const SETS: Readonly<Record<EntitledTo, string | null>> = {
  offices: 'office.person_area',
  service: 'office.service_area',
  equipment: 'office.equipment_ratio',
  basic: null,
  gross: 'office.usable_ratio',
  canteen: 'office.canteen_area',
};

export function figuresOf(entitlement: Entitlement): EntitledFigure[] {
  return (Object.entries(SETS) as [EntitledTo, string | null][]).map(([id, set]) => ({
    id,
    m2: entitlement[id],
    decisions: entitlement.decisions.filter(({ code }) => code === set),
  }));
}
