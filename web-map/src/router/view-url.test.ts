import { expect, test } from 'vitest';
import { decodeView, encodeView, type ViewState } from './view-url';

const plain: ViewState = {
  camera: null,
  selected: null,
  floor: null,
  layers: {},
  theme: 'light',
  lang: 'zh',
  list: null,
  status: null,
  near: null,
};

test('a view at its defaults needs no address', () => {
  expect(encodeView(plain)).toEqual({});
});

test('a whole view survives the way through an address', () => {
  const view: ViewState = {
    camera: { center: [121.473701, 31.230416], zoom: 17.25, bearing: -30.5, pitch: 45 },
    selected: { kind: 'room', id: 9007199254740 },
    floor: { building_id: 42, ordinal: -1 },
    layers: { water: false, vehicles: true },
    theme: 'dark',
    lang: 'en',
    list: 'vehicles',
    status: 'moving',
    near: '105.1,36.2~5000',
  };
  const query = encodeView(view);
  expect(query).toMatchInlineSnapshot(`
    {
      "at": "room:9007199254740",
      "c": "121.473701,31.230416,17.25,-30.5,45",
      "floor": "42:-1",
      "lang": "en",
      "layers": "vehicles,-water",
      "list": "vehicles",
      "near": "105.1,36.2~5000",
      "status": "moving",
      "theme": "dark",
    }
  `);
  expect(decodeView(query)).toEqual(view);
});

test('a camera that looks north from above is three numbers', () => {
  const camera = { center: [120, 30] as [number, number], zoom: 10, bearing: -0.01, pitch: 0 };
  expect(encodeView({ ...plain, camera }).c).toBe('120,30,10');
});

test.each([
  ['c', 'here,there,9'],
  ['c', '400,30,9'],
  ['c', '120,30'],
  ['at', 'room:one'],
  ['at', '<b>:1'],
  ['floor', '42'],
  ['theme', 'pink'],
  ['lang', 'fr'],
  ['list', '../etc'],
  ['layers', '<script>'],
  ['near', '<b>'],
])('an address with an unreadable %s falls back to the default', (key, value) => {
  expect(decodeView({ [key]: value })).toEqual(plain);
});

test('a repeated key is not a text and is left out', () => {
  expect(decodeView({ at: ['room:1', 'room:2'] })).toEqual(plain);
});

test('a link that says only where asks for the vehicles there', () => {
  expect(decodeView({ near: '105.1,36.2' })).toEqual({
    ...plain,
    list: 'nearby',
    near: '105.1,36.2',
  });
});

test('a status without a list means nothing', () => {
  expect(decodeView({ status: 'moving' }).status).toBeNull();
});

test('a base map is switched by a name that a layer cannot have', () => {
  const layers = { 'base.img-2026': true, 'base.streets': false };
  const query = encodeView({ ...plain, layers });
  expect(query).toEqual({ layers: 'base.img-2026,-base.streets' });
  expect(decodeView(query).layers).toEqual(layers);
});
