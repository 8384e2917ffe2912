import { afterEach, expect, test, vi } from 'vitest';
import { createApp, h, nextTick, reactive } from 'vue';
import ChartFrame from './ChartFrame.vue';

type Hear = (point: { offsetX: number; offsetY: number }) => void;

/** What draws is another's: here it is told what to draw, and tells where the pointer is. */
const engine = vi.hoisted(() => ({
  heard: new Map<string, unknown>(),
  setOption: vi.fn(),
  resize: vi.fn(),
  dispose: vi.fn(),
  containPixel: () => true,
  convertFromPixel: (_: string, [x = 0, y = 0]: number[]) => [x / 10, y / 10],
  getZr: () => ({ on: (name: string, hear: unknown) => engine.heard.set(name, hear) }),
}));
vi.mock('./echarts', () => ({ init: () => engine }));

afterEach(() => {
  vi.clearAllMocks();
  delete document.documentElement.dataset.theme;
});

const hear = (name: string): Hear => engine.heard.get(name) as Hear;

async function mounted() {
  const host = document.createElement('div');
  const props = reactive({ summary: '里程', along: 'x' as 'x' | 'y' });
  const chosen: number[] = [];
  const app = createApp(() =>
    h(ChartFrame, {
      ...props,
      option: () => ({ series: [] }),
      hint: (index: number) => [`第 ${index} 天`, '12 km'],
      onChoose: (index: number) => void chosen.push(index),
    }),
  );
  document.body.append(host);
  app.mount(host);
  await vi.waitFor(() => expect(engine.setOption).toHaveBeenCalled());
  await nextTick();
  return { host, props, chosen, end: () => app.unmount() };
}

test('a chart is a picture with a text, and is let go of with its page', async () => {
  const { host, end } = await mounted();
  const picture = host.querySelector('[role="img"]');
  expect(picture?.getAttribute('aria-label')).toBe('里程');
  expect(picture?.getAttribute('aria-busy')).toBe('false');
  end();
  expect(engine.dispose).toHaveBeenCalledOnce();
});

test('the category under the pointer is told and chosen, along either axis', async () => {
  const { host, props, chosen, end } = await mounted();
  hear('mousemove')({ offsetX: 31, offsetY: 52 });
  await nextTick();
  expect(host.querySelector('.said')?.textContent).toBe('第 3 天12 km');
  hear('click')({ offsetX: 31, offsetY: 52 });
  props.along = 'y';
  await nextTick();
  hear('click')({ offsetX: 31, offsetY: 52 });
  expect(chosen).toEqual([3, 5]);
  end();
});

test('another theme draws it again', async () => {
  const { end } = await mounted();
  const before = engine.setOption.mock.calls.length;
  document.documentElement.dataset.theme = 'dark';
  await vi.waitFor(() => expect(engine.setOption.mock.calls.length).toBeGreaterThan(before));
  end();
});
