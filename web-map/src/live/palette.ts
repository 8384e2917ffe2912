/** The colours of the marks, read from the same CSS variables that colour the dots in the lists. */
import { VEHICLE_STATUSES } from './protocol';

export interface Palette {
  /** Red, green, blue from 0 to 1 for each status in wire order. */
  status: Float32Array;
  rim: Float32Array;
  accent: Float32Array;
}

/** What is drawn when a variable is missing: the light theme. */
const FALLBACK = {
  unknown: '#98a2ad',
  moving: '#0f8a5f',
  idle: '#d98a00',
  offline: '#6b7580',
  rim: '#ffffff',
  accent: '#1763cf',
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: keyof typeof FALLBACK): [number, number, number] =>
    rgb(style.getPropertyValue(`--vehicle-${name}`).trim()) ??
    (rgb(FALLBACK[name]) as [number, number, number]);
  return {
    status: new Float32Array(VEHICLE_STATUSES.flatMap((status) => read(status))),
    rim: new Float32Array(read('rim')),
    accent: new Float32Array(read('accent')),
  };
}

/** `#rrggbb`, or `#rgb` as the build shortens it, as three numbers from 0 to 1. */
export function rgb(hex: string): [number, number, number] | null {
  const long = hex.replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(long);
  if (match === null) return null;
  const part = (index: number): number => Number.parseInt(match[index] ?? '0', 16) / 255;
  return [part(1), part(2), part(3)];
}
