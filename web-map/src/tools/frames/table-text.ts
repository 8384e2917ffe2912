/** The table of a frame as a text that spreadsheets and mails take. */
import type { FramePart } from '../../api/frames';
import type { Bilingual } from '../../api/types';
import { inertCell } from '../../ui/csv';
import { offsetText } from './groups';
import { bytesOf } from './hex-rows';

/** Columns are parted by tabs. A batch has one column more: which location. */
export function tableText(
  parts: readonly FramePart[],
  heads: { location: string; columns: readonly string[] },
  said: (words: Bilingual) => string,
): string {
  const isBatch = parts.some(({ location }) => location !== null);
  const head = isBatch ? [heads.location, ...heads.columns] : heads.columns;
  const rows = parts.map(({ range, location, name, hex, meaning, fault }) => {
    const row = [
      offsetText(range),
      bytesOf(hex).join(' '),
      said(name),
      said(meaning),
      fault ? said(fault) : '',
    ];
    return isBatch ? [location === null ? '' : String(location), ...row] : row;
  });
  return [head, ...rows].map((row) => row.map(oneCell).join('\t')).join('\n');
}

/** A terminal may send any text. */
function oneCell(text: string): string {
  return inertCell(text.replace(/\s+/g, ' '));
}
