/** Which actions some of the selected documents allow, and which of them. Pure. */
import type { Document, DocumentAction } from '../../api/documents';
import type { Field, Plan } from '../../api/modules';

export interface BulkAction extends DocumentAction {
  patch: Field[];
  documents: Document[];
}

/** A whole form is for one document, and approvers are chosen for each. */
const SINGLE = new Set(['edit']);

export function bulkActions(
  documents: readonly Document[],
  plans: readonly Plan[] = [],
): BulkAction[] {
  const found = new Map<string, BulkAction>();
  for (const document of documents) {
    for (const action of document.actions) {
      if (SINGLE.has(action.name) || isChosenFor(action, plans)) continue;
      const known = found.get(action.name);
      if (known) known.documents.push(document);
      else found.set(action.name, { ...action, patch: action.patch ?? [], documents: [document] });
    }
  }
  return [...found.values()];
}

function isChosenFor({ plan }: DocumentAction, plans: readonly Plan[]): boolean {
  const asked = plans.find(({ name }) => name === plan);
  return asked?.steps.some(({ chosen }) => chosen) ?? false;
}
