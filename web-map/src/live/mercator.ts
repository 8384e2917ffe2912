/** Web Mercator as MapLibre's custom layers count it: the world is the unit square, y grows to the south. */

const EARTH_CIRCUMFERENCE_M = 40_075_016.686;

export function mercatorX(lon: number): number {
  return (lon + 180) / 360;
}

export function mercatorY(lat: number): number {
  const radians = (lat * Math.PI) / 180;
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + radians / 2)) / (2 * Math.PI);
}

export function lonOf(x: number): number {
  return x * 360 - 180;
}

export function latOf(y: number): number {
  return (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
}

/** Metres on the ground for one unit of Mercator at `y`. */
export function metresPerUnit(y: number): number {
  return EARTH_CIRCUMFERENCE_M * Math.cos((latOf(y) * Math.PI) / 180);
}
