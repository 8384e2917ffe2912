import { describe, expect, it } from 'vitest';
import { ProtocolError, parseFrame, subscribeMessage } from './protocol';

const ROW = [17, 116.39, 39.9, 270.5, 42, 1_700_000_000_000, 1, '示A·10017'];
const frame = (fields: object): string => JSON.stringify({ seq: 3, at_ms: 1000, ...fields });

describe('a frame of the live stream', () => {
  it('a snapshot names every field of a vehicle', () => {
    expect(parseFrame(frame({ type: 'snapshot', vehicles: [ROW], total: 200 }))).toEqual({
      type: 'snapshot',
      seq: 3,
      atMs: 1000,
      total: 200,
      vehicles: [
        {
          id: 17,
          lon: 116.39,
          lat: 39.9,
          heading: 270.5,
          speedKmh: 42,
          fixMs: 1_700_000_000_000,
          status: 1,
          plate: '示A·10017',
        },
      ],
    });
  });

  it('a delta keeps what came and what went apart', () => {
    expect(parseFrame(frame({ type: 'delta', upsert: [ROW], remove: [4, 5] }))).toMatchObject({
      type: 'delta',
      upsert: [{ id: 17 }],
      remove: [4, 5],
    });
  });

  it('a changed layer carries its boxes as west, south, east, north', () => {
    const text = frame({
      type: 'layer_changed',
      layer: 'rooms',
      version: 9,
      bboxes: [[1, 2, 3, 4]],
    });
    expect(parseFrame(text)).toMatchObject({ layer: 'rooms', version: 9, bboxes: [[1, 2, 3, 4]] });
  });

  it('a heartbeat carries the counts of the whole fleet', () => {
    const counts = { moving: 1, idle: 2, offline: 3, total: 6 };
    expect(parseFrame(frame({ type: 'heartbeat', counts }))).toMatchObject({ counts });
  });

  it('a vehicle that never moved points north and stands', () => {
    const row = [17, 116.39, 39.9, null, null, 1, 2, ''];
    expect(parseFrame(frame({ type: 'delta', upsert: [row], remove: [] }))).toMatchObject({
      upsert: [{ heading: 0, speedKmh: 0 }],
    });
  });

  it('a change of alarms says what changed, and what a newer server tells of besides is left alone', () => {
    const text = frame({ type: 'fleet_changed', about: ['weather', 'alarms'] });
    expect(parseFrame(text)).toEqual({
      type: 'fleet_changed',
      seq: 3,
      atMs: 1000,
      about: ['alarms'],
    });
  });

  it('a kind of frame from a newer server still moves the sequence on', () => {
    expect(parseFrame(frame({ type: 'weather', rain: true }))).toEqual({
      type: 'unknown',
      seq: 3,
      atMs: 1000,
    });
  });

  it.each([
    ['text that is no JSON', '{"type":'],
    ['a list', '[]'],
    ['a frame without a sequence number', JSON.stringify({ type: 'heartbeat', at_ms: 1 })],
    [
      'a latitude beyond the pole',
      frame({ type: 'delta', upsert: [[1, 0, 91, 0, 0, 1, 1, 'x']], remove: [] }),
    ],
    [
      'swapped lon and lat',
      frame({ type: 'delta', upsert: [[1, 39, 116, 0, 0, 1, 1, 'x']], remove: [] }),
    ],
    [
      'a status that does not exist',
      frame({ type: 'delta', upsert: [[1, 0, 0, 0, 0, 1, 4, 'x']], remove: [] }),
    ],
    ['a row that is cut off', frame({ type: 'delta', upsert: [[1, 0, 0]], remove: [] })],
    ['an id that is no whole number', frame({ type: 'delta', upsert: [], remove: [1.5] })],
    ['a snapshot without vehicles', frame({ type: 'snapshot', total: 0 })],
  ])('%s is refused', (_, text) => {
    expect(() => parseFrame(text)).toThrow(ProtocolError);
  });
});

describe('a subscription', () => {
  const view = {
    bbox: [116.123_456_78, 39, 117, 40] as [number, number, number, number],
    zoom: 13.256,
    layers: ['vehicles'],
  };

  it('asks for a view without digits nobody can see', () => {
    expect(JSON.parse(subscribeMessage(view, null))).toEqual({
      subscribe: {
        bbox: [116.123_457, 39, 117, 40],
        zoom: 13.26,
        layers: ['vehicles'],
        format: 'binary',
        cluster_above: 2_000,
      },
      keep: [],
    });
  });

  it('names the last number seen when it resumes, zero included', () => {
    expect(JSON.parse(subscribeMessage(view, 0))).toMatchObject({ resume: 0 });
    expect(JSON.parse(subscribeMessage(view, 0, [7]))).toMatchObject({ keep: [7] });
  });
});
