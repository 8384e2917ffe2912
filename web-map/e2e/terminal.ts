/** A vehicle of its own for a spec, and the positions that its terminal tells. */
import { execFileSync } from 'node:child_process';
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
export function publish({ name, secret }: Terminal, positions: Position[]): void {
  execFileSync('mosquitto_pub', [
    ...['-h', '127.0.0.1', '-p', process.env.ONEMAP_E2E_MQTT_PORT ?? '', '-q', '1'],
    ...['-i', name, '-u', name, '-P', secret],
    ...['-t', `onemap/v1/${name}/position`, '-m', JSON.stringify(positions)],
  ]);
}

export function sql(statement: string): string {
  const url = process.env.ONEMAP_E2E_DATABASE_URL ?? '';
  return execFileSync('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', statement], {
    encoding: 'utf8',
  });
}
