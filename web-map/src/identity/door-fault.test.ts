import { expect, test } from 'vitest';
import { en, zh } from '../i18n';
import { doorFault } from './door-fault';

test('a fault the server names has words and a way out in both languages', () => {
  for (const name of ['oidc-unavailable', 'oidc-refused', 'oidc-no-account']) {
    const fault = doorFault(name);
    if (fault === null) throw new Error(`${name} is not known`);
    for (const words of [zh, en]) {
      expect(words[`signIn.fault.${fault}`]).toBeTruthy();
      expect(words[`signIn.fault.${fault}.out`]).toBeTruthy();
    }
  }
});

test('an address somebody made up says nothing on the page', () => {
  expect(doorFault('call 12345 now')).toBeNull();
  expect(doorFault(['oidc-refused'])).toBeNull();
  expect(doorFault(undefined)).toBeNull();
});
