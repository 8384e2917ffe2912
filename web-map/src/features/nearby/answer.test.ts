import { afterEach, expect, test, vi } from 'vitest';
import { type Found, findNear, inSteadyOrder } from './answer';
import { decodeNear, type Question } from './question';
import { vehicle } from './vehicle.fixture';

afterEach(() => vi.unstubAllGlobals());

const asks = (text: string): Question => {
  const question = decodeNear(text);
  if (!question) throw new Error(`${text} is no question`);
  return question;
};

function server(answer: unknown) {
  const fetch = vi.fn(async (_path: string, _init: RequestInit) => Response.json(answer));
  vi.stubGlobal('fetch', fetch);
  const sent = () => {
    const [path = '', init] = fetch.mock.calls[0] ?? [];
    return { path, body: init?.body ? JSON.parse(String(init.body)) : null };
  };
  return sent;
}
const signal = new AbortController().signal;

test('the nearest to a point are asked for by its place, and keep their distance', async () => {
  const sent = server({ items: [{ ...vehicle(1), distance_m: 12.5 }] });
  const answer = await findNear(
    { question: asks('105.1,36.2~5000~20'), status: ['moving', 'idle'] },
    signal,
  );
  expect(sent().path).toBe(
    '/api/v1/vehicles/nearest?lon=105.1&lat=36.2&count=20&within_m=5000&status=moving%2Cidle',
  );
  expect(answer).toMatchObject({ form: 'point', total: 1, byStatus: null });
  expect(answer.found[0]).toMatchObject({ distanceM: 12.5, alongM: null });
});

test('without a farthest distance and a status neither is sent', async () => {
  const sent = server({ items: [] });
  await findNear({ question: asks('105.1,36.2'), status: [] }, signal);
  expect(sent().path).toBe('/api/v1/vehicles/nearest?lon=105.1&lat=36.2&count=10');
});

test('a circle is sent as a closed ring', async () => {
  const sent = server({ total: 2_000, by_status: { idle: 2_000 }, items: [vehicle(1)] });
  const answer = await findNear({ question: asks('circle:105.1,36.2~500'), status: [] }, signal);
  const { path, body } = sent();
  expect(path).toBe('/api/v1/vehicles/within');
  expect(body).not.toHaveProperty('status');
  const [ring] = body.geometry.coordinates;
  expect(ring.at(-1)).toEqual(ring[0]);
  expect(answer).toMatchObject({ total: 2_000, byStatus: { idle: 2_000 } });
});

test('a line is sent with what it reaches to both sides', async () => {
  const sent = server({ total: 1, items: [{ ...vehicle(1), along_m: 812, offset_m: 35.2 }] });
  const answer = await findNear(
    { question: asks('line:105.1,36.2;105.2,36.2~200'), status: ['idle'] },
    signal,
  );
  expect(sent()).toEqual({
    path: '/api/v1/vehicles/along',
    body: {
      line: [
        [105.1, 36.2],
        [105.2, 36.2],
      ],
      within_m: 200,
      status: ['idle'],
    },
  });
  expect(answer.found[0]).toMatchObject({ distanceM: 35.2, alongM: 812 });
});

test('vehicles that stand side by side keep their order from answer to answer', () => {
  const at = (id: number, distanceM: number): Found => ({
    vehicle: vehicle(id),
    distanceM,
    alongM: null,
  });
  const ids = (found: Found[]) => found.map(({ vehicle: { feature_id } }) => feature_id);
  const first = inSteadyOrder([at(1, 10.1), at(2, 10.2), at(3, 50)], []);
  expect(ids(first)).toEqual([1, 2, 3]);
  expect(ids(inSteadyOrder([at(2, 10.1), at(1, 10.2), at(3, 50)], first))).toEqual([1, 2, 3]);
  expect(ids(inSteadyOrder([at(3, 5), at(2, 10.1), at(1, 10.2)], first))).toEqual([3, 1, 2]);
});
