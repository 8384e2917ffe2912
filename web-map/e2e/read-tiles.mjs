// Reads every .mvt and .mlt file of a folder with the decoders that browsers use, and prints what is in them as JSON.
import { readdirSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { join } from 'node:path';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';

// The decoder names its own files without their endings, as only bundlers find them.
const finding = `export const resolve = (name, context, next) =>
  next(name, context).catch((cause) => {
    if (name.startsWith('.')) return next(name + '.js', context);
    throw cause;
  });`;
register(`data:text/javascript,${encodeURIComponent(finding)}`);
const { decodeTile } = await import('@maplibre/mlt');

const folder = process.argv[2];
const read = {};
for (const name of readdirSync(folder).filter((name) => name.endsWith('.mvt'))) {
  const tile = new VectorTile(new PbfReader(readFileSync(join(folder, name))));
  read[name] = Object.fromEntries(
    Object.entries(tile.layers).map(([id, layer]) => {
      const features = Array.from({ length: layer.length }, (_, n) => layer.feature(n));
      const vertices = features.flatMap((feature) => feature.loadGeometry().flat());
      // Where an edge crosses the buffer, rounding may put it one unit further.
      const reach = layer.extent / 64 + 1;
      const isInside = ({ x, y }) =>
        Math.min(x, y) >= -reach && Math.max(x, y) <= layer.extent + reach;
      return [
        id,
        {
          version: layer.version,
          extent: layer.extent,
          ids: features.map((feature) => feature.id).filter((id) => id !== undefined),
          types: [...new Set(features.map((feature) => feature.type))],
          vertices: vertices.length,
          outside: vertices.filter((vertex) => !isInside(vertex)),
          keys: [...new Set(features.flatMap((feature) => Object.keys(feature.properties)))],
        },
      ];
    }),
  );
}
for (const name of readdirSync(folder).filter((name) => name.endsWith('.mlt'))) {
  const tables = decodeTile(new Uint8Array(readFileSync(join(folder, name))));
  read[name] = Object.fromEntries(
    tables.map((table) => {
      const features = table.getFeatures();
      const told = features.map(({ id, properties, geometry }) => ({
        id: Number(id ?? 0),
        properties: Object.entries(properties)
          .filter(([, value]) => value !== undefined && value !== null)
          .map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value])
          .sort(([one], [other]) => (one < other ? -1 : 1)),
        vertices: geometry.coordinates.flat().length,
      }));
      return [table.name, { extent: table.extent, features: told }];
    }),
  );
}
process.stdout.write(JSON.stringify(read));
