/** Where the choices of a field that points to something come from. */
import { search } from '../../api';
import { listDocuments } from '../../api/documents';
import type { Field } from '../../api/modules';
import { listPeople } from '../../api/tasks';
import { kindName, nameOf } from '../../i18n';
import type { Choice } from '../../ui/ComboBox.vue';
import { useOrgs } from '../orgs';

export type Find = (q: string, signal: AbortSignal) => Promise<Choice[]>;

const LIMIT = 20;

export interface PlaceChoice extends Choice {
  kind: string;
}

export function finderOf(field: Field): Find {
  switch (field.type) {
    case 'org':
      return findOrgs;
    case 'person':
      return findPeople;
    case 'document':
      return findDocuments(field.document_kind ?? undefined);
    default:
      return findPlaces(field.feature_kinds ?? []);
  }
}

/** The search knows no kinds: more are asked for than are shown. */
export function findPlaces(
  kinds: readonly string[],
): (q: string, signal: AbortSignal) => Promise<PlaceChoice[]> {
  return async (q, signal) => {
    if (!q) return [];
    const { items } = await search(q, kinds.length > 0 ? 50 : LIMIT, signal);
    return items
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      .slice(0, LIMIT)
      .map(({ feature_id, kind, name, code, subtitle }) => ({
        id: feature_id,
        kind,
        title: name,
        subtitle: [kindName(kind), code, nameOf(subtitle)].filter(Boolean).join(' · '),
      }));
  };
}

export const findPeople: Find = async (q, signal) =>
  (await listPeople(q, LIMIT, signal)).map(({ user_id, name, org }) => ({
    id: user_id,
    title: name,
    subtitle: typeof org === 'string' ? org : (org?.name ?? ''),
  }));

const findOrgs: Find = async (q) =>
  useOrgs()
    .options.filter(({ name }) => name.includes(q))
    .slice(0, 100)
    .map(({ id, name, text }) => ({ id, title: q ? name : text }));

const findDocuments =
  (kind: string | undefined): Find =>
  async (q, signal) => {
    const query = { ...(kind ? { kind } : {}), q: q || undefined, limit: LIMIT };
    return (await listDocuments(query, signal)).items.map(
      ({ doc_id, number, title, state_title }) => ({
        id: doc_id,
        title: number ? `${number} ${title}` : title,
        subtitle: nameOf(state_title),
      }),
    );
  };
