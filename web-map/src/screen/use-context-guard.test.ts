import type { Map as MapLibreMap } from 'maplibre-gl';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EffectScope, effectScope } from 'vue';
import { type ContextGuard, RESTORE_WITHIN_MS, useContextGuard } from './use-context-guard';

/** As much of a map as has a context to lose. */
class Canvas {
  private readonly listeners = new Map<string, Set<() => void>>();
  on(type: string, listener: () => void) {
    this.listeners.set(type, (this.listeners.get(type) ?? new Set()).add(listener));
  }
  off(type: string, listener: () => void) {
    this.listeners.get(type)?.delete(listener);
  }
  fire(type: string) {
    for (const listener of this.listeners.get(type) ?? []) listener();
  }
  get heard(): number {
    return [...this.listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }
}

let scope: EffectScope;
let guard: ContextGuard;
const discard = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  discard.mockClear();
  scope = effectScope();
  scope.run(() => {
    guard = useContextGuard(discard);
  });
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

function mounted(): Canvas {
  const canvas = new Canvas();
  guard.appeared(canvas as unknown as MapLibreMap);
  return canvas;
}

describe('a lost WebGL context', () => {
  it('that comes back in time keeps its map', () => {
    const canvas = mounted();
    canvas.fire('webglcontextlost');
    expect(guard.lost.value).toBe(true);
    vi.advanceTimersByTime(RESTORE_WITHIN_MS - 1);
    canvas.fire('webglcontextrestored');
    vi.advanceTimersByTime(600_000);
    expect(guard.lost.value).toBe(false);
    expect(discard).not.toHaveBeenCalled();
  });

  it('that stays away gets a new map after five seconds', () => {
    mounted().fire('webglcontextlost');
    vi.advanceTimersByTime(RESTORE_WITHIN_MS);
    expect(discard).toHaveBeenCalledOnce();
    expect(guard.attempt.value).toBe(1);
    mounted();
    expect(guard.lost.value).toBe(false);
  });

  it('is watched on the new map and no longer on the old one', () => {
    const old = mounted();
    const next = mounted();
    expect(old.heard).toBe(0);
    next.fire('webglcontextlost');
    expect(guard.lost.value).toBe(true);
  });
});

describe('a map that does not appear', () => {
  it('is tried again for ever', () => {
    vi.advanceTimersByTime(10 * 60_000);
    expect(guard.attempt.value).toBe(30);
  });

  it('is left alone once the wall is closed', () => {
    scope.stop();
    vi.advanceTimersByTime(60_000);
    expect(guard.attempt.value).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
