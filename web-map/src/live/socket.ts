/**
 * The one connection to the live stream. It never gives up, resumes where it stopped, and says how old its picture
 * is: silence is stale whatever the browser believes about the socket.
 */
import { backoffMs } from './backoff';
import {
  type Connection,
  connectionState,
  DEAD_AFTER_MS,
  FRESH_CURSOR,
  follow,
  resubscribed,
  resumed,
} from './diff';
import { PackedReader } from './packed';
import {
  type Frame,
  keepMessage,
  parseFrame,
  type Subscription,
  subscribeMessage,
} from './protocol';

/** The view has to rest this long before the server is asked for another part of the city. */
export const SUBSCRIBE_AFTER_MS = 250;
/** A page nobody looks at lets its connection go after this long. */
export const HIDDEN_FOR_MS = 60_000;
const WATCH_EVERY_MS = 1_000;
/** With this code the server closes a connection whose session has ended. */
export const SESSION_ENDED = 4401;

export interface LiveEvents {
  /** A frame that continues the stream. */
  frame: (frame: Frame) => void;
  /** Called when the state changes, and each second while it is not `live`. */
  state: (connection: Connection, lastFrameMs: number | null) => void;
  /** The session is over: nothing more will be tried. */
  ended?: () => void;
}

/** What the browser provides; named so that tests can hold the clock. */
export interface Surroundings {
  open: (url: string) => WebSocket;
  now: () => number;
  random: () => number;
  page: Document;
  network: EventTarget;
  /**
   * Whether the session still stands, asked after a connection that never opened: a browser does not say why one was
   * refused. Default: it does.
   */
  isAdmitted?: () => Promise<boolean>;
}

export class LiveSocket {
  private socket: WebSocket | null = null;
  private packed = new PackedReader();
  private open = false;
  private cursor = FRESH_CURSOR;
  private wanted: Subscription | null = null;
  private kept: readonly number[] = [];
  private attempt = 0;
  private lastFrameMs: number | null = null;
  private dialledMs = 0;
  private hiddenSinceMs: number | null = null;
  private reported: Connection | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private subscribeTimer: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly events: LiveEvents,
    private readonly around: Surroundings,
  ) {}

  start(): void {
    if (this.watchTimer !== undefined) return;
    this.watchTimer = setInterval(this.watch, WATCH_EVERY_MS);
    this.around.page.addEventListener('visibilitychange', this.visibilityChanged);
    this.around.network.addEventListener('online', this.retryNow);
    this.connect();
  }

  stop(): void {
    clearInterval(this.watchTimer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.subscribeTimer);
    this.watchTimer = undefined;
    this.around.page.removeEventListener('visibilitychange', this.visibilityChanged);
    this.around.network.removeEventListener('online', this.retryNow);
    this.drop();
  }

  /** Asks for another view. Many calls in a row become one. */
  subscribe(subscription: Subscription): void {
    const first = this.wanted === null;
    this.wanted = subscription;
    clearTimeout(this.subscribeTimer);
    if (first) this.sendSubscription();
    else this.subscribeTimer = setTimeout(this.sendSubscription, SUBSCRIBE_AFTER_MS);
  }

  /** Asks for vehicles that are told as themselves wherever they are. */
  keep(ids: readonly number[]): void {
    if (ids.join() === this.kept.join()) return;
    this.kept = ids;
    if (this.open && this.wanted !== null) this.socket?.send(keepMessage(ids));
  }

  /** Asks for the same view again, from its beginning. */
  renew(): void {
    clearTimeout(this.subscribeTimer);
    this.sendSubscription();
  }

  private readonly connect = (): void => {
    this.drop();
    const socket = this.around.open(this.url);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.packed = new PackedReader();
    this.dialledMs = this.around.now();
    socket.onopen = () => {
      this.open = true;
      this.cursor = resumed(this.cursor);
      this.send(this.cursor.seq);
    };
    socket.onmessage = (message: MessageEvent<unknown>) => this.receive(message.data);
    socket.onclose = (event?: CloseEvent) => this.lost(event?.code);
    socket.onerror = () => socket.close();
  };

  private readonly sendSubscription = (): void => {
    if (!this.open) return;
    this.cursor = resubscribed(this.cursor);
    this.send(null);
  };

  private send(resume: number | null): void {
    if (this.wanted !== null) this.socket?.send(subscribeMessage(this.wanted, resume, this.kept));
  }

  private receive(data: unknown): void {
    let frame: Frame;
    try {
      frame = data instanceof ArrayBuffer ? this.packed.read(data) : parseFrame(String(data));
    } catch (error) {
      // One broken frame is a hole in the stream like any other.
      console.warn('live stream', error);
      if (!this.cursor.awaitingSnapshot) this.sendSubscription();
      return;
    }
    this.lastFrameMs = this.around.now();
    this.attempt = 0;
    const { cursor, verdict } = follow(this.cursor, frame);
    this.cursor = cursor;
    if (verdict === 'gap') this.sendSubscription();
    // A hole in the stream is no reason to go on showing what is no longer allowed, nor to miss an alarm.
    const isForAll = frame.type === 'rights_changed' || frame.type === 'fleet_changed';
    if (verdict === 'apply' || isForAll) this.events.frame(frame);
    this.report();
  }

  private lost(code?: number): void {
    const { isAdmitted } = this.around;
    const wasOpen = this.open;
    this.drop();
    this.report();
    if (this.watchTimer === undefined) return;
    if (code === SESSION_ENDED) {
      this.end();
    } else if (this.hiddenTooLong()) {
      clearTimeout(this.retryTimer);
    } else if (wasOpen || !isAdmitted) {
      this.retryLater();
    } else {
      void isAdmitted().then((admitted) => {
        // Somebody may have stopped or dialled in the meantime.
        if (this.watchTimer === undefined || this.socket !== null) return;
        if (admitted) this.retryLater();
        else this.end();
      });
    }
  }

  private end(): void {
    this.stop();
    this.events.ended?.();
  }

  private retryLater(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(this.connect, backoffMs(this.attempt, this.around.random()));
    this.attempt += 1;
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = null;
    socket.close();
  }

  private readonly watch = (): void => {
    // A socket that never opens is as dead as one that fell silent.
    const heardMs = Math.max(this.dialledMs, this.lastFrameMs ?? 0);
    if (this.socket !== null && this.around.now() - heardMs > DEAD_AFTER_MS) {
      this.lost();
      return;
    }
    if (this.socket !== null && this.hiddenTooLong()) this.drop();
    this.report();
  };

  private report(): void {
    const state = connectionState(this.open, this.lastFrameMs, this.around.now());
    if (state === 'live' && this.reported === 'live') return;
    this.reported = state;
    this.events.state(state, this.lastFrameMs);
  }

  private readonly visibilityChanged = (): void => {
    if (this.around.page.hidden) {
      this.hiddenSinceMs = this.around.now();
      return;
    }
    this.hiddenSinceMs = null;
    this.report();
    this.retryNow();
  };

  /** The network or the viewer is back: no reason to sit out the wait. */
  private readonly retryNow = (): void => {
    if (this.open || this.watchTimer === undefined) return;
    clearTimeout(this.retryTimer);
    this.attempt = 0;
    this.connect();
  };

  private hiddenTooLong(): boolean {
    return this.hiddenSinceMs !== null && this.around.now() - this.hiddenSinceMs > HIDDEN_FOR_MS;
  }
}

/** The stream's address on the server that served this page. */
export function liveUrl(location: Location): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`;
}

export function browser(isAdmitted: () => Promise<boolean>): Surroundings {
  return {
    isAdmitted,
    open: (url) => new WebSocket(url),
    now: () => performance.now(),
    random: () => Math.random(),
    page: document,
    network: window,
  };
}
