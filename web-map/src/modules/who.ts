/** Who did something, as a reader knows them: by name. The login stays at hand, for two people may share a name. */
import type { Refs } from '../api/documents';
import { t } from '../i18n';

/** What stands as the actor where nobody was. */
const PROGRAM = 'program';

export interface Who {
  name: string;
  /** Undefined for what the program itself has done. */
  login: string | undefined;
}

/** By the login, where it has no name: an account may be gone. */
export function whoOf(login: string | null | undefined, name: string | null | undefined): Who {
  if (!login || login === PROGRAM) return { name: t('document.somebody'), login: undefined };
  return { name: name || login, login };
}

export const accountOf = (login: string | null | undefined, refs: Partial<Refs> | undefined): Who =>
  whoOf(login, refs?.accounts?.[login ?? '']);
