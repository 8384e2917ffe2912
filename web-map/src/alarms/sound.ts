/**
 * The sound of a severe alarm: two tones, made here. Browsers are silent until somebody has touched the page, and say nothing
 * about it; `isBlocked` does.
 */
import { readonly, ref } from 'vue';

const MUTED = 'onemap.alarms.muted';
const TONES_HZ = [880, 660] as const;
const TONE_S = 0.28;
const LOUDNESS = 0.22;
const GESTURES = ['pointerdown', 'keydown'] as const;

const muted = ref(remembered());
const blocked = ref(true);
let context: AudioContext | null = null;
let armed = false;

export const isMuted = readonly(muted);
/** Nobody has touched the page yet. */
export const isBlocked = readonly(blocked);

/** Waits for the first touch, which makes sound possible. */
export function armSound() {
  if (armed) return;
  armed = true;
  if (navigator.userActivation?.hasBeenActive) return open();
  for (const gesture of GESTURES) {
    window.addEventListener(gesture, open, { once: true, capture: true, passive: true });
  }
}

function open() {
  for (const gesture of GESTURES) window.removeEventListener(gesture, open, { capture: true });
  if (typeof AudioContext === 'undefined') return;
  context ??= new AudioContext();
  // A machine without a sound card never answers: nothing waits for it.
  context.resume().catch(() => {});
  blocked.value = false;
}

/** Once, unless it is muted or the browser forbids it. */
export function ring() {
  if (muted.value || blocked.value || context === null) return;
  const gain = context.createGain();
  gain.connect(context.destination);
  const begin = context.currentTime;
  const end = begin + TONE_S * TONES_HZ.length;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.02);
  gain.gain.setValueAtTime(LOUDNESS, end - 0.1);
  gain.gain.linearRampToValueAtTime(0, end);
  TONES_HZ.forEach((hertz, index) => {
    const tone = new OscillatorNode(context as AudioContext, {
      type: 'triangle',
      frequency: hertz,
    });
    tone.connect(gain);
    tone.start(begin + index * TONE_S);
    tone.stop(begin + (index + 1) * TONE_S);
  });
}

export function setMuted(next: boolean) {
  muted.value = next;
  try {
    localStorage.setItem(MUTED, next ? '1' : '0');
  } catch {
    // Storage that is forbidden or full: it holds until the page is left.
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(MUTED) === '1';
  } catch {
    return false;
  }
}
