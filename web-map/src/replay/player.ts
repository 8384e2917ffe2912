/** The clock of a replay. It is told how much real time went by and answers what time it is on the road. */

export const SPEEDS = [1, 2, 4, 8, 16, 32, 64, 128, 256] as const;
export type Speed = (typeof SPEEDS)[number];
export const USUAL_SPEED: Speed = 16;

/** A page that was hidden goes on where it was; nobody saw the minutes in between. */
const LONGEST_STEP_MS = 1_000;

export interface Bounds {
  fromMs: number;
  /** Where playing ends: the window's end, or now. */
  toMs: number;
}

export class Player {
  playing = false;
  speed: Speed = USUAL_SPEED;
  private ms: number;
  /** Where this play stops; null: at the end of the window. */
  private untilMs: number | null = null;

  constructor(
    private bounds: Bounds,
    atMs: number,
  ) {
    this.ms = this.clamped(atMs);
  }

  get atMs(): number {
    return this.ms;
  }

  /** From the end it begins anew. */
  play(untilMs: number | null = null): void {
    this.untilMs = untilMs;
    if (this.ms >= this.bounds.toMs) this.ms = this.bounds.fromMs;
    this.playing = this.bounds.toMs > this.bounds.fromMs;
  }

  pause(): void {
    this.playing = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(ms: number): void {
    this.untilMs = null;
    this.ms = this.clamped(ms);
  }

  /** Another window: the moment stays if it is in it. */
  rebound(bounds: Bounds): void {
    this.bounds = bounds;
    this.ms = this.clamped(this.ms);
  }

  faster(): void {
    this.step(1);
  }

  slower(): void {
    this.step(-1);
  }

  /**
   * `isKnown` says whether the positions of a moment are here: the clock waits for them. `resume` is where something
   * moves next, for those who pass over standstill; null where that is now, or not known.
   */
  advance(
    realMs: number,
    isKnown: (ms: number) => boolean = () => true,
    resume: (ms: number) => number | null = () => null,
  ): void {
    if (!this.playing || !isKnown(this.ms)) return;
    const step = Math.min(Math.max(0, realMs), LONGEST_STEP_MS) * this.speed;
    this.ms = this.clamped(Math.max(this.ms + step, resume(this.ms) ?? 0));
    if (this.untilMs !== null && this.ms >= this.untilMs) this.seek(this.untilMs);
    else if (this.ms < this.bounds.toMs) return;
    this.playing = false;
  }

  private step(by: number): void {
    const index = SPEEDS.indexOf(this.speed) + by;
    this.speed = SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, index))] ?? USUAL_SPEED;
  }

  private clamped(ms: number): number {
    return Math.min(Math.max(ms, this.bounds.fromMs), this.bounds.toMs);
  }
}
