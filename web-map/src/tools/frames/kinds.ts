/** What sort of bytes a part is: what it is coloured by. */
import type { FramePart } from '../../api/frames';

export const KINDS = ['flag', 'header', 'body', 'item', 'checksum'] as const;
export type Kind = (typeof KINDS)[number];

/** The server tells names, not kinds. A name that does not stand here is of the body. */
const BY_NAME: Record<string, Kind> = {
  flag: 'flag',
  'message id': 'header',
  attributes: 'header',
  version: 'header',
  "terminal's number": 'header',
  serial: 'header',
  parts: 'header',
  part: 'header',
  'item id': 'item',
  'item length': 'item',
  'left over': 'body',
  checksum: 'checksum',
};

export function kindsOf(parts: readonly FramePart[]): Kind[] {
  return parts.map((part, index) => {
    const known = BY_NAME[part.name.en];
    if (known) return known;
    // What an item holds is called by what it is: mileage, fuel.
    return parts[index - 1]?.name.en === 'item length' ? 'item' : 'body';
  });
}
