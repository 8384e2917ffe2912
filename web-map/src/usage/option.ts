/** The chart of a usage as ECharts takes it. Pure. */
import type { Usage } from '../api/usage';
import { t } from '../i18n';
import type { ChartOption } from '../ui/chart/echarts';
import type { ChartLook } from '../ui/chart/look';
import type { Measure } from './filter';
import { type Bar, measured } from './series';
import { axisText, fixedText, nameOfRow, roundText } from './words';

const BAR_PX = 21;
const EDGES_PX = 12;
const NAME_PX = 120;

/** As high as its bars need it. */
export const rankedHeightPx = (bars: number): number => bars * BAR_PX + EDGES_PX;

export const unitOf = (measure: Measure): string =>
  ({
    distance: 'km',
    trips: t('usage.unit.trips'),
    hours: t('usage.unit.hours'),
    consumption: t('usage.unit.litres'),
  })[measure];

/** Bars of distance, and a line of what else was chosen with a scale of its own. */
export function timeOption(
  usage: Usage,
  bars: readonly Bar[],
  measure: Measure,
  look: ChartLook,
): ChartOption {
  const by = usage.by === 'month' ? 'month' : 'day';
  const isBoth = measure !== 'distance';
  return {
    grid: { left: 8, right: isBoth ? 8 : 16, top: 6, bottom: 4, outerBoundsMode: 'same' },
    tooltip: shade(look),
    xAxis: {
      type: 'category',
      data: bars.map(({ key }) => axisText(key ?? '', by)),
      axisLine: { lineStyle: { color: look.line } },
      axisTick: { show: false },
      axisLabel: { color: look.quiet, hideOverlap: true },
    },
    yAxis: [
      scale(axisName('distance'), 'left', look),
      ...(isBoth ? [scale(axisName(measure), 'right', look)] : []),
    ],
    series: [
      {
        type: 'bar',
        data: bars.map(({ distance }) => distance),
        barMaxWidth: 36,
        itemStyle: { color: look.accent, borderRadius: [2, 2, 0, 0] },
      },
      ...(isBoth
        ? [
            {
              type: 'line' as const,
              yAxisIndex: 1,
              data: bars.map(({ value }) => value),
              symbol: 'circle',
              symbolSize: 5,
              showAllSymbol: 'auto' as const,
              lineStyle: { color: look.second, width: 2 },
              itemStyle: { color: look.second },
            },
          ]
        : []),
    ],
  };
}

/** Bars that lie, the largest on top. */
export function rankedOption(
  usage: Usage,
  bars: readonly Bar[],
  measure: Measure,
  look: ChartLook,
): ChartOption {
  const digits = measure === 'trips' ? 0 : 1;
  return {
    grid: { left: 8, right: 64, top: 4, bottom: 4, outerBoundsMode: 'same' },
    tooltip: shade(look),
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ row }) => (row ? nameOfRow(row, usage.by) : '')),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: look.text, width: NAME_PX, overflow: 'truncate', interval: 0 },
    },
    series: [
      {
        type: 'bar',
        data: bars.map(({ value }) => value),
        barWidth: 12,
        itemStyle: { color: look.accent, borderRadius: [0, 2, 2, 0] },
        label: {
          show: true,
          position: 'right',
          color: look.quiet,
          formatter: ({ value }) => (typeof value === 'number' ? fixedText(value, digits) : ''),
        },
      },
    ],
  };
}

/** The word for trips is its own unit. */
function axisName(measure: Measure): string {
  const name = t(`usage.show.${measure}`);
  return measure === 'trips' ? name : `${name} ${unitOf(measure)}`;
}

function scale(name: string, position: 'left' | 'right', look: ChartLook) {
  return {
    type: 'value' as const,
    name,
    position,
    min: 0,
    splitNumber: 4,
    nameTextStyle: {
      color: position === 'left' ? look.accent : look.second,
      align: position,
      padding: [0, 0, 2, 0],
    },
    axisLabel: { color: look.quiet },
    splitLine: { show: position === 'left', lineStyle: { color: look.line } },
  };
}

/** Only the shade behind a category: what is said of it is said by the frame. */
const shade = (look: ChartLook): NonNullable<ChartOption['tooltip']> => ({
  trigger: 'axis',
  showContent: false,
  axisPointer: { type: 'shadow', shadowStyle: { color: look.hover, opacity: 0.6 } },
});

/** The name, and all that can be drawn. */
export function hintOf(usage: Usage, { row, key }: Bar): string[] {
  const name = nameOfRow(row ?? { key, label: null, org: null }, usage.by);
  if (!row) return [name, t('usage.none')];
  const lines = (['distance', 'trips', 'hours', 'consumption'] as const).flatMap((measure) => {
    const value = measured(row, measure);
    if (value === null) return [];
    return [`${t(`usage.show.${measure}`)} ${roundText(value)} ${unitOf(measure)}`];
  });
  return [name, ...lines];
}
