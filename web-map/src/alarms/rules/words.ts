/** Rules and their numbers in words. */
import type { AlarmRule } from '../../api/alarms';
import type { Threshold } from '../../api/thresholds';
import { lang, type MessageKey, nameOf, t, zh } from '../../i18n';
import { amountText, limitName } from '../evidence';
import { isLevel, isUnknown, unitOf } from './settings';

const known = (key: string): string => (key in zh ? t(key as MessageKey) : '');

export function titleOf({ title }: AlarmRule): string {
  const name = nameOf(title);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A rule that is newer than this client is explained in English only. */
export const explainedOf = ({ code, explained }: AlarmRule): string =>
  known(`rules.explained.${code}`) || (lang() === 'en' ? explained : '');

export const unitText = (name: string): string => known(`rules.unit.${unitOf(name)}`);

export const numberName = (name: string): string =>
  isLevel(name) ? t('rules.level') : limitName(name);

export const levelText = (level: number): string =>
  known(`alarms.level.${level}`) || t('rules.off');

export function settingText(name: string, value: number): string {
  if (isUnknown(name, value)) return t('rules.unknown');
  return isLevel(name) ? levelText(value) : amountText(name, value);
}

export function whoseText({ org, vehicle }: Threshold): string {
  if (vehicle) return vehicle.plate;
  return org?.name ?? t('rules.unnamedOrg', { id: org?.org_id ?? '' });
}
