/** A vehicle of its own for a spec, the positions that its terminal tells, and what the terminal is asked. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { expect, ownPage, signInAs } from './test';

export interface Terminal {
  name: string;
  /** The vehicle that carries it. */
  vehicle: number;
  secret: string;
}

export interface Position {
  t: number;
  lon: number;
  lat: number;
  speed_kmh: number;
  heading: number;
  odometer_km?: number;
  fuel_l?: number;
}

/** What a terminal is asked. */
export interface Told {
  id: number;
  kind: string;
  text?: string;
  seconds?: number;
  kmh?: number;
  expires: string;
}

/** A vehicle of the city with this terminal, and a secret for it; whoever was signed in is not any more. */
export async function enrol(page: Page, name: string, plate: string): Promise<Terminal> {
  const told = sql(`with o as (select org_id from org where code = 'U01'),
         f as (insert into feature (kind, scope_id)
           select 'vehicle', scope_for(array[org_id], '{}', 0::smallint, 'vehicle') from o returning feature_id),
         v as (insert into vehicle (feature_id, plate, name, vehicle_type, org_id)
           select feature_id, '${plate}', '测试车', '轿车', org_id from f, o returning feature_id)
         insert into terminal (terminal_id, vehicle_id) select '${name}', feature_id from v returning vehicle_id`);
  await signInAs(page, 'admin');
  const answer = await page.request.post(`/api/v1/terminals/${name}/credential`, ownPage());
  expect(answer.status()).toBe(200);
  const { secret } = await answer.json();
  return { name, vehicle: Number(told.trim().split('\n')[0]), secret };
}

/** Returns when the positions are stored. */
export function publish(terminal: Terminal, positions: Position[]): void {
  say(terminal, 'position', positions);
}

/**
 * Is linked as the terminal until it is asked something, half a minute at most. It has nothing to publish meanwhile: a second
 * connection of one name ends the first.
 */
export async function hearCommand(terminal: Terminal): Promise<Told> {
  const { stdout } = await promisify(execFile)('mosquitto_sub', [
    ...linkOf(terminal, 'command'),
    ...['-C', '1', '-W', '30'],
  ]);
  return JSON.parse(stdout);
}

/** Returns when the answer is on file. */
export function answerCommand(
  terminal: Terminal,
  id: number,
  result: 'done' | 'failed' | 'unsupported',
  note = '',
): void {
  say(terminal, 'command/ack', { id, result, note });
}

function say(terminal: Terminal, channel: string, payload: unknown) {
  execFileSync('mosquitto_pub', [...linkOf(terminal, channel), '-m', JSON.stringify(payload)]);
}

const linkOf = ({ name, secret }: Terminal, channel: string): string[] => [
  ...['-h', '127.0.0.1', '-p', process.env.ONEMAP_E2E_MQTT_PORT ?? '', '-q', '1'],
  ...['-i', name, '-u', name, '-P', secret],
  ...['-t', `onemap/v1/${name}/${channel}`],
];

export function sql(statement: string): string {
  const url = process.env.ONEMAP_E2E_DATABASE_URL ?? '';
  return execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', statement], {
    encoding: 'utf8',
  });
}
