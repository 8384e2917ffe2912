/** Which colour a vehicle has: by its place in the list, and again from the first after the last. */
import { rgb } from '../live/palette';
import './replay.css';

export const COLORS = 8;

/** From 1. */
export function colorOf(index: number): number {
  return (index % COLORS) + 1;
}

export interface Palette {
  /** Red, green, blue from 0 to 1 for each colour. */
  colors: Float32Array;
  silent: Float32Array;
  rim: Float32Array;
}

const FALLBACK = '#1f5fbf';

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): [number, number, number] =>
    rgb(style.getPropertyValue(`--replay-${name}`).trim()) ??
    (rgb(FALLBACK) as [number, number, number]);
  const names = Array.from({ length: COLORS }, (_, index) => String(index + 1));
  return {
    colors: new Float32Array(names.flatMap(read)),
    silent: new Float32Array(read('silent')),
    rim: new Float32Array(read('rim')),
  };
}

/** A colour of the page as text, for what is drawn by the map or a canvas. */
export function tokenOf(element: Element, name: string, fallback = FALLBACK): string {
  return getComputedStyle(element).getPropertyValue(name).trim() || fallback;
}
