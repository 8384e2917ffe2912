/** Pages that a module has beside the lists of its documents: one line each. */
import type { MessageKey } from '../i18n';

export interface ModulePage {
  path: string;
  title: MessageKey;
}

/** By the id of the module. */
export const PAGES_OF_MODULES: Readonly<Record<string, readonly ModulePage[]>> = {
  office_space: [
    { path: '/office-space/over-standard', title: 'over.title' },
    { path: '/office-space/entitlement', title: 'entitlement.title' },
    { path: '/office-space/reconciliation', title: 'reconcile.title' },
    { path: '/standards', title: 'standards.title' },
  ],
};
