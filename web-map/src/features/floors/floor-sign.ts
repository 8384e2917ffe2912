/** A floor in two letters, as lift buttons say it: B2, B1, F1, F12. */
export function floorSign(ordinal: number): string {
  return ordinal < 0 ? `B${-ordinal}` : `F${ordinal}`;
}
