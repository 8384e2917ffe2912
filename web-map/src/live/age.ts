/** How long ago something was, in words a person would use. */
import { ref } from 'vue';
import type { MessageKey } from '../i18n';
import { t } from '../i18n';

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** The unit in which an age is told, and how many of it. */
export function ageParts(ageMs: number): { key: MessageKey; n: number } {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < MINUTE_S) return { key: 'age.seconds', n: seconds };
  if (seconds < HOUR_S) return { key: 'age.minutes', n: Math.floor(seconds / MINUTE_S) };
  if (seconds < DAY_S) return { key: 'age.hours', n: Math.floor(seconds / HOUR_S) };
  return { key: 'age.days', n: Math.floor(seconds / DAY_S) };
}

export function ageText(ageMs: number): string {
  const { key, n } = ageParts(ageMs);
  return t(key, { n });
}

/** `01:23`, and `2:01:23` from an hour on: for a clock that counts how old a picture is. */
export function stopwatch(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = `${two(Math.floor((seconds % HOUR_S) / MINUTE_S))}:${two(seconds % MINUTE_S)}`;
  return seconds < HOUR_S ? rest : `${Math.floor(seconds / HOUR_S)}:${rest}`;
}

const now = ref(Date.now());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** The browser's clock, once a second, by one timer for all who show an age. */
export function startClock(): { now: typeof now; stop: () => void } {
  users += 1;
  now.value = Date.now();
  timer ??= setInterval(() => {
    now.value = Date.now();
  }, 1000);
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    users -= 1;
    if (users > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return { now, stop };
}
