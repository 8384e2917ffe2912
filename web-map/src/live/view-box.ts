/** Which part of the city to ask the server for, and when to ask again. */
import { levelOf } from './clusters';
import type { Bbox } from './protocol';

/** Asked for around the view on each side, so that a short pan meets vehicles already known. */
const MARGIN = 0.2;
/** Zooming in by more than this makes the part that was asked for wastefully large. */
const ZOOM_SLACK = 1.5;

export interface View {
  bbox: Bbox;
  zoom: number;
}

export function withMargin({ bbox: [west, south, east, north], zoom }: View): View {
  const wide = (east - west) * MARGIN;
  const high = (north - south) * MARGIN;
  return {
    bbox: [
      Math.max(-180, west - wide),
      Math.max(-90, south - high),
      Math.min(180, east + wide),
      Math.min(90, north + high),
    ],
    zoom,
  };
}

/** From here on the server tells every vehicle as itself. */
const NEAR_ZOOM = 13.5;

/**
 * True while what was asked for still answers for the view. Clusters also have to be those of its zoom: `level` is the grid
 * of what the server tells, null while it tells vehicles.
 */
export function answers(asked: View, view: View, level: number | null): boolean {
  if (!covers(asked, view)) return false;
  if (level === null) return true;
  const isNear = ({ zoom }: View) => zoom >= NEAR_ZOOM;
  return levelOf(view.zoom) === levelOf(asked.zoom) && isNear(view) === isNear(asked);
}

/** True while what was asked for still holds the view: a camera that follows a car must not ask in every frame. */
export function covers(asked: View, view: View): boolean {
  const [west, south, east, north] = view.bbox;
  return (
    asked.bbox[0] <= Math.max(-180, west) &&
    asked.bbox[1] <= Math.max(-90, south) &&
    asked.bbox[2] >= Math.min(180, east) &&
    asked.bbox[3] >= Math.min(90, north) &&
    view.zoom - asked.zoom < ZOOM_SLACK
  );
}
