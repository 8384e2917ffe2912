/** Stops and alarms on the map, as pictures drawn in the colours of the page. */
import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import { tokenOf } from './colors';
import type { Mark } from './marks';

export const MARK_LAYER = 'replay-marks';
const SIDE_PX = 20;
const RATIO = 2;

export function drawMarks(map: MapLibreMap, marks: readonly Mark[], before: string | undefined) {
  const data: GeoJSON.FeatureCollection<GeoJSON.Point> = {
    type: 'FeatureCollection',
    features: marks.flatMap((mark, index) =>
      mark.place === null
        ? []
        : [
            {
              type: 'Feature' as const,
              geometry: { type: 'Point' as const, coordinates: mark.place },
              properties: {
                index,
                icon: `replay-${mark.kind}`,
                order: mark.kind === 'alarm' ? 1 : 0,
              },
            },
          ],
    ),
  };
  const source = map.getSource<GeoJSONSource>(MARK_LAYER);
  if (source !== undefined) {
    source.setData(data);
    return;
  }
  map.addSource(MARK_LAYER, { type: 'geojson', data });
  map.addLayer(
    {
      id: MARK_LAYER,
      type: 'symbol',
      source: MARK_LAYER,
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'order'],
      },
    },
    before !== undefined && map.getLayer(before) ? before : undefined,
  );
}

/** In the colours of the theme that is on now. */
export function paintPictures(map: MapLibreMap) {
  for (const kind of ['stop', 'alarm'] as const) {
    const name = `replay-${kind}`;
    const picture = pictureOf(kind);
    if (picture === null) continue;
    if (map.hasImage(name)) map.updateImage(name, picture);
    else map.addImage(name, picture, { pixelRatio: RATIO });
  }
}

export function eraseMarks(map: MapLibreMap) {
  if (map.getLayer(MARK_LAYER)) map.removeLayer(MARK_LAYER);
  if (map.getSource(MARK_LAYER)) map.removeSource(MARK_LAYER);
}

/** A square with a P, as on the road, and a triangle with an exclamation mark. */
function pictureOf(kind: 'stop' | 'alarm'): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = SIDE_PX * RATIO;
  canvas.height = SIDE_PX * RATIO;
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  const root = document.documentElement;
  pen.scale(RATIO, RATIO);
  pen.fillStyle = tokenOf(root, `--replay-${kind}`);
  pen.strokeStyle = tokenOf(root, '--replay-rim', '#ffffff');
  pen.lineWidth = 1.5;
  pen.lineJoin = 'round';
  pen.beginPath();
  if (kind === 'stop') {
    pen.roundRect(2, 2, 16, 16, 4);
  } else {
    pen.moveTo(10, 1.5);
    pen.lineTo(19, 17.5);
    pen.lineTo(1, 17.5);
    pen.closePath();
  }
  pen.fill();
  pen.stroke();
  pen.fillStyle = tokenOf(root, '--replay-rim', '#ffffff');
  pen.font = `700 12px ${tokenOf(root, '--om-font', 'sans-serif')}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillText(kind === 'stop' ? 'P' : '!', 10, kind === 'stop' ? 10.5 : 12);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
