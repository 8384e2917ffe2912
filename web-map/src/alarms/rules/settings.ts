/** Rules with the numbers that hold: what is set for all, and what is set for some. */
import type { AlarmRule } from '../../api/alarms';
import type { Threshold, ThresholdPlan } from '../../api/thresholds';

/** From off to severe, in the order in which they are offered. */
export const LEVELS = [0, 3, 2, 1] as const;

/** Where no orders are kept they would find every trip: they are off until somebody sets their level. */
const OFF_UNTIL_SET: readonly string[] = ['trip_without_order', 'off_hours'];

/** Where 0 says that nobody knows. */
const UNKNOWN_AT_ZERO: readonly string[] = ['refuel_misfit.tank_l'];

const MOST = 1_000_000;
const HOURS = 24;

export interface Setting {
  name: string;
  /** What holds for all vehicles. */
  value: number;
  usual: number;
  /** Null: nobody has set it. */
  set: Threshold | null;
}

export interface RuleSettings {
  rule: AlarmRule;
  level: Setting;
  numbers: Setting[];
  /** Those for organisations and for vehicles. */
  others: Threshold[];
  /** Off for all until somebody turns it on. */
  isOffUntilSet: boolean;
}

export const levelName = (code: string): string => `${code}.level`;
export const isLevel = (name: string): boolean => name.endsWith('.level');
export const isUnknown = (name: string, value: number): boolean =>
  value === 0 && UNKNOWN_AT_ZERO.includes(name);
export const isForAll = ({ org, vehicle }: Threshold): boolean => org === null && vehicle === null;

export function settingsOf(
  rules: readonly AlarmRule[],
  sets: readonly Threshold[],
): RuleSettings[] {
  return rules.map((rule) => {
    const isOffUntilSet = OFF_UNTIL_SET.includes(rule.code);
    const setting = (name: string, usual: number): Setting => {
      const set = sets.find((one) => one.name === name && isForAll(one)) ?? null;
      return { name, usual, value: set?.value ?? usual, set };
    };
    const level = setting(levelName(rule.code), isOffUntilSet ? 0 : rule.level);
    const numbers = rule.thresholds.map((number) => setting(number.name, number.default));
    const names = new Set([level, ...numbers].map(({ name }) => name));
    const others = sets.filter((one) => names.has(one.name) && !isForAll(one));
    return { rule, level, numbers, others, isOffUntilSet };
  });
}

/** What was typed as a number that the server takes; null where it is none. */
export function valueIn(name: string, text: string): number | null {
  const plain = text.trim();
  if (!/^\d+(\.\d+)?$/.test(plain)) return null;
  const value = Number(plain);
  return value <= (unitOf(name) === 'hour' ? HOURS : MOST) ? value : null;
}

/** The last word of its name. */
export function unitOf(name: string): string {
  return /[^_.]+$/.exec(name)?.[0] ?? '';
}

/** Whose number it is, as the server wants to hear it. */
export function whoseOf({ org, vehicle }: Pick<Threshold, 'org' | 'vehicle'>) {
  if (vehicle) return { vehicle_id: vehicle.feature_id };
  return org ? { org_id: org.org_id } : {};
}

/** The step that makes a step undone: what was set before is set again, or taken away. */
export function undoOf(sets: readonly Threshold[], plan: ThresholdPlan): ThresholdPlan {
  const before = sets.find(
    (one) =>
      one.name === plan.name &&
      one.org?.org_id === plan.org_id &&
      one.vehicle?.feature_id === plan.vehicle_id,
  );
  return { ...plan, value: before?.value ?? null };
}
