/** The repair ticket (报修): its categories and what a complete one holds. */
import { type MessageKey, t } from '../i18n';

/** The value is what the record keeps. */
export const CATEGORIES = [
  { value: '水', title: 'repair.category.water' },
  { value: '电', title: 'repair.category.electricity' },
  { value: '空调', title: 'repair.category.air' },
  { value: '门窗', title: 'repair.category.doors' },
  { value: '网络', title: 'repair.category.network' },
  { value: '其他', title: 'repair.category.other' },
] as const satisfies { value: string; title: MessageKey }[];

export interface RepairDraft {
  title: string;
  category: string;
  urgency: 'normal' | 'urgent';
  description: string;
  contact: string;
}

export function emptyRepair(): RepairDraft {
  return { title: '', category: '', urgency: 'normal', description: '', contact: '' };
}

/** What has to be filled in before the server is asked. */
export function missingIn(draft: RepairDraft): ('title' | 'category' | 'description')[] {
  return (['title', 'category', 'description'] as const).filter((field) => !draft[field].trim());
}

/** An empty contact is no contact. */
export function repairBody(draft: RepairDraft): Record<string, string> {
  const { category, urgency } = draft;
  const contact = draft.contact.trim();
  const body = { category, urgency, description: draft.description.trim() };
  return contact ? { ...body, contact } : body;
}

export function categoryName(value: string): string {
  const known = CATEGORIES.find((category) => category.value === value);
  return known ? t(known.title) : value;
}
