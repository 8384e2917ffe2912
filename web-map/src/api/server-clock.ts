/** What time it is for the server. Its moments are compared with this, so that a wrong clock here counts them right. */

/** What to add to the browser's clock. Answers tell whole seconds: between their bounds nothing is moved. */
let offsetMs = 0;

/** `date` is the header of an answer asked for at `sentMs` and heard at `heardMs`. */
export function hearServerDate(date: string | null, sentMs: number, heardMs: number) {
  const second = Date.parse(date ?? '');
  if (Number.isNaN(second)) return;
  const [least, most] = [second - heardMs, second + 1000 - sentMs];
  offsetMs = Math.min(Math.max(offsetMs, least), most);
}

export const serverNow = (): number => Date.now() + offsetMs;
