/** Answers of the server for tests, built from rows. */

/** Epoch milliseconds, lon, lat, km/h, heading. */
export type Row = [
  ms: number,
  lon: number,
  lat: number,
  speed?: number | null | undefined,
  heading?: number | null | undefined,
];

export function encoded(baseMs: number, vehicles: Record<number, Row[]>): ArrayBuffer {
  const entries = Object.entries(vehicles);
  const rows = entries.flatMap(([, own]) => own);
  const at = 24 + entries.length * 16;
  const view = new DataView(new ArrayBuffer(at + rows.length * 16));
  for (const [index, letter] of [...'OMTRACK1'].entries())
    view.setUint8(index, letter.charCodeAt(0));
  view.setUint32(8, entries.length, true);
  view.setUint32(12, rows.length, true);
  view.setFloat64(16, baseMs, true);
  let first = 0;
  for (const [index, [id, own]] of entries.entries()) {
    view.setFloat64(24 + index * 16, Number(id), true);
    view.setUint32(32 + index * 16, first, true);
    view.setUint32(36 + index * 16, own.length, true);
    first += own.length;
  }
  const n = rows.length;
  for (const [index, [ms, lon, lat, speed, heading]] of rows.entries()) {
    view.setUint32(at + index * 4, ms - baseMs, true);
    view.setInt32(at + (n + index) * 4, Math.round(lon * 1e7), true);
    view.setInt32(at + (2 * n + index) * 4, Math.round(lat * 1e7), true);
    view.setUint16(at + 12 * n + index * 2, speed == null ? 65_535 : Math.round(speed * 10), true);
    view.setUint16(
      at + 14 * n + index * 2,
      heading == null ? 65_535 : Math.round(heading * 10),
      true,
    );
  }
  return view.buffer as ArrayBuffer;
}
