import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from './diff';
import type { Frame } from './protocol';
import { HIDDEN_FOR_MS, LiveSocket, SESSION_ENDED, SUBSCRIBE_AFTER_MS } from './socket';

/** The browser's end of a wire whose other end the test holds. */
class Wire {
  static all: Wire[] = [];
  sent: { subscribe: { zoom: number }; keep?: number[]; resume?: number }[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event?: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor() {
    Wire.all.push(this);
  }
  static get last(): Wire {
    return Wire.all.at(-1) as Wire;
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
    this.onclose?.();
  }
  says(frame: object) {
    this.onmessage?.({ data: JSON.stringify({ at_ms: 0, ...frame }) });
  }
}

const SNAPSHOT = { type: 'snapshot', seq: 1, vehicles: [], total: 0 };
const delta = (seq: number) => ({ type: 'delta', seq, upsert: [], remove: [] });
const view = (zoom: number) => ({
  bbox: [0, 0, 1, 1] as [number, number, number, number],
  zoom,
  layers: ['vehicles'],
});

let frames: Frame[];
let states: Connection[];
let page: { hidden: boolean } & EventTarget;
let network: EventTarget;
let socket: LiveSocket;
let ended: number;
let isAdmitted: (() => Promise<boolean>) | undefined;

beforeEach(() => {
  vi.useFakeTimers();
  Wire.all = [];
  frames = [];
  states = [];
  ended = 0;
  isAdmitted = undefined;
  page = Object.assign(new EventTarget(), { hidden: false });
  network = new EventTarget();
  socket = dialled();
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

function dialled(): LiveSocket {
  const made = new LiveSocket(
    'ws://test/api/v1/live',
    {
      frame: (frame) => frames.push(frame),
      state: (state) => states.push(state),
      ended: () => {
        ended += 1;
      },
    },
    {
      open: () => new Wire() as unknown as WebSocket,
      now: () => Date.now(),
      random: () => 0,
      page: page as unknown as Document,
      network,
      ...(isAdmitted ? { isAdmitted } : {}),
    },
  );
  made.start();
  made.subscribe(view(12));
  return made;
}

/** A socket that may ask whether the session still stands. */
function admittedBy(answer: () => Promise<boolean>) {
  socket.stop();
  Wire.all = [];
  isAdmitted = answer;
  socket = dialled();
}

function connected(): Wire {
  const wire = Wire.last;
  wire.onopen?.();
  wire.says(SNAPSHOT);
  return wire;
}

describe('the connection', () => {
  it('subscribes once it is open and is live with the first frame', () => {
    const wire = connected();
    expect(wire.sent).toHaveLength(1);
    expect(wire.sent[0]).not.toHaveProperty('resume');
    expect(frames.map((frame) => frame.type)).toEqual(['snapshot']);
    expect(states.at(-1)).toBe('live');
  });

  it('turns many moves of the view into one subscription after they end', () => {
    const wire = connected();
    for (const zoom of [13, 14, 15]) {
      socket.subscribe(view(zoom));
      vi.advanceTimersByTime(SUBSCRIBE_AFTER_MS - 1);
    }
    expect(wire.sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(wire.sent.map(({ subscribe }) => subscribe.zoom)).toEqual([12, 15]);
  });

  it('says it is stale after six seconds of silence though the socket is open', () => {
    connected();
    vi.advanceTimersByTime(6_000);
    expect(states.at(-1)).toBe('live');
    vi.advanceTimersByTime(1_000);
    expect(states.at(-1)).toBe('stale');
  });

  it('gives a silent socket up and dials again', () => {
    const wire = connected();
    vi.advanceTimersByTime(14_000);
    expect(wire.closed).toBe(true);
    expect(Wire.all).toHaveLength(2);
    expect(states.at(-1)).toBe('offline');
  });

  it('gives a socket up that never opens', () => {
    vi.advanceTimersByTime(14_000);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(Wire.all).toHaveLength(2);
  });

  it('resumes after the last number it saw', () => {
    const wire = connected();
    wire.says(delta(2));
    wire.close();
    expect(states.at(-1)).toBe('offline');
    vi.advanceTimersByTime(500);
    Wire.last.onopen?.();
    expect(Wire.last).not.toBe(wire);
    expect(Wire.last.sent[0]).toMatchObject({ resume: 2 });
    Wire.last.says(delta(3));
    expect(frames.at(-1)?.seq).toBe(3);
    expect(states.at(-1)).toBe('live');
  });

  it('waits longer after each failure and never stops trying', () => {
    for (let failure = 0; failure < 20; failure += 1) {
      Wire.last.close();
      vi.advanceTimersByTime(5_000);
    }
    expect(Wire.all).toHaveLength(21);
    Wire.last.close();
    vi.advanceTimersByTime(4_999);
    expect(Wire.all).toHaveLength(21);
  });

  it('dials at once when the network comes back', () => {
    for (let failure = 0; failure < 6; failure += 1) {
      Wire.last.close();
      vi.advanceTimersByTime(5_000);
    }
    Wire.last.close();
    const before = Wire.all.length;
    network.dispatchEvent(new Event('online'));
    expect(Wire.all).toHaveLength(before + 1);
  });

  it('asks once for a snapshot when a number is missing and draws nothing until it comes', () => {
    const wire = connected();
    wire.says(delta(3));
    wire.says(delta(4));
    expect(wire.sent).toHaveLength(2);
    expect(wire.sent[1]).not.toHaveProperty('resume');
    expect(frames).toHaveLength(1);
    wire.says({ ...SNAPSHOT, seq: 5 });
    wire.says(delta(6));
    expect(frames.map((frame) => frame.seq)).toEqual([1, 5, 6]);
  });

  it('treats a frame it cannot read as a hole', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const wire = connected();
    wire.onmessage?.({ data: '{"type":"delta"' });
    expect(wire.sent).toHaveLength(2);
  });

  it('lets go of the server when nobody has looked for a minute and comes back at a glance', () => {
    const wire = connected();
    page.hidden = true;
    page.dispatchEvent(new Event('visibilitychange'));
    for (let second = 0; second * 1_000 <= HIDDEN_FOR_MS; second += 1) {
      wire.says({
        type: 'heartbeat',
        seq: second + 2,
        counts: { moving: 0, idle: 0, offline: 0, total: 0 },
      });
      vi.advanceTimersByTime(1_000);
    }
    expect(wire.closed).toBe(true);
    expect(Wire.all).toHaveLength(1);
    page.hidden = false;
    page.dispatchEvent(new Event('visibilitychange'));
    expect(Wire.all).toHaveLength(2);
  });

  it('says which vehicles are kept when they change, and again with each view', () => {
    const wire = connected();
    socket.keep([7]);
    socket.keep([7]);
    expect(wire.sent.slice(1)).toEqual([{ keep: [7] }]);
    wire.close();
    socket.keep([8]);
    vi.advanceTimersByTime(500);
    Wire.last.onopen?.();
    expect(Wire.last.sent.map(({ keep }) => keep)).toEqual([[8]]);
  });

  it('is quiet for ever once stopped', () => {
    const wire = connected();
    socket.stop();
    expect(wire.closed).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(Wire.all).toHaveLength(1);
  });
});

describe('the session', () => {
  it('is over when the server says so: nothing more is tried', () => {
    const wire = connected();
    wire.onclose?.({ code: SESSION_ENDED });
    vi.advanceTimersByTime(60_000);
    expect(ended).toBe(1);
    expect(Wire.all).toHaveLength(1);
  });

  it('is asked about before a connection that never opened is tried again', async () => {
    let answer: (admitted: boolean) => void = () => {};
    admittedBy(() => new Promise((resolve) => (answer = resolve)));
    Wire.last.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(Wire.all).toHaveLength(1);
    answer(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(Wire.all).toHaveLength(2);
    expect(ended).toBe(0);
  });

  it('that does not stand ends the stream', async () => {
    admittedBy(async () => false);
    Wire.last.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toBe(1);
    expect(Wire.all).toHaveLength(1);
  });

  it('is not doubted when an open connection is lost', () => {
    const asked = vi.fn(async () => true);
    admittedBy(asked);
    connected().close();
    vi.advanceTimersByTime(500);
    expect(asked).not.toHaveBeenCalled();
    expect(Wire.all).toHaveLength(2);
  });

  it('that came back by itself is not dialled twice', async () => {
    let answer: (admitted: boolean) => void = () => {};
    admittedBy(() => new Promise((resolve) => (answer = resolve)));
    Wire.last.close();
    network.dispatchEvent(new Event('online'));
    const wire = connected();
    answer(true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(Wire.last).toBe(wire);
    expect(wire.closed).toBe(false);
  });

  it('whose rights changed is told of it even when frames are missing', () => {
    const wire = connected();
    wire.says({ type: 'rights_changed', seq: 9 });
    expect(frames.at(-1)?.type).toBe('rights_changed');
  });

  it('gets its view again from the beginning when renewed', () => {
    const wire = connected();
    socket.renew();
    expect(wire.sent).toHaveLength(2);
    expect(wire.sent[1]).not.toHaveProperty('resume');
    wire.says(delta(2));
    expect(frames).toHaveLength(1);
    wire.says({ ...SNAPSHOT, seq: 3 });
    expect(frames).toHaveLength(2);
  });
});
