/** The scale bar: the longest round length that fits. */
const EARTH_M = 40_075_016.686;
const TILE_PX = 512;

export interface ScaleBar {
  px: number;
  label: string;
}

export function scaleBar(lat: number, zoom: number, maxPx: number): ScaleBar {
  const metresPerPx = (EARTH_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom);
  const metres = roundDown(metresPerPx * maxPx);
  const label = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  return { px: Math.round(metres / metresPerPx), label };
}

/** 1, 2 or 5 times a power of ten. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const lead = value / power;
  const step = lead >= 5 ? 5 : lead >= 2 ? 2 : 1;
  return Number((step * power).toPrecision(1));
}
