/** How a search hit reads, and how the map gets to it. */
import type { Bilingual, SearchHit } from '../../api';

export interface HitLine {
  id: number;
  kind: string;
  /** The name in parts, those that match the question marked. */
  title: { text: string; matched: boolean }[];
  subtitle: string;
  /** Why it was found, unless that is plain to see. */
  reason: Exclude<SearchHit['matched'], 'name'> | null;
}

export function hitLine(hit: SearchHit, q: string, nameOf: (name: Bilingual) => string): HitLine {
  const title = markMatch(hit.name, q);
  const isPlain = title.some((part) => part.matched);
  const subtitle =
    typeof hit.subtitle === 'object' && hit.subtitle ? nameOf(hit.subtitle) : (hit.subtitle ?? '');
  const code = hit.code && hit.code !== hit.name ? hit.code : '';
  return {
    id: hit.feature_id,
    kind: hit.kind,
    title,
    subtitle: [code, subtitle].filter(Boolean).join(' · '),
    reason: isPlain || hit.matched === 'name' ? null : hit.matched,
  };
}

/** Splits a name at the first place where the question stands in it, ignoring case. */
export function markMatch(name: string, q: string): { text: string; matched: boolean }[] {
  const wanted = q.trim();
  const at = wanted ? name.toLowerCase().indexOf(wanted.toLowerCase()) : -1;
  if (at < 0) return [{ text: name, matched: false }];
  return [
    { text: name.slice(0, at), matched: false },
    { text: name.slice(at, at + wanted.length), matched: true },
    { text: name.slice(at + wanted.length), matched: false },
  ].filter((part) => part.text !== '');
}
