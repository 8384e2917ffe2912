/** One's own account: password, second factor, sessions, tokens. */
import { call } from './client';
import type { Permission } from './session';

export interface SignedInDevice {
  session_id: number | string;
  created_at: string;
  last_seen_at: string;
  address: string | null;
  agent: string | null;
  is_current: boolean;
}

export interface SecondFactorOffer {
  /** Base32, to be typed where no camera is at hand. */
  secret: string;
  uri: string;
  qr_svg: string;
}

export interface Token {
  token_id: number | string;
  name: string;
  permissions: Permission[];
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
}

export interface NewToken {
  name: string;
  permissions: Permission[];
  days: number;
}

export const changePassword = (current: string, next: string): Promise<void> =>
  call('/account/password', { method: 'POST', body: { current, new: next } });

export const offerSecondFactor = (): Promise<SecondFactorOffer> =>
  call('/account/second-factor', { method: 'POST' });

export const confirmSecondFactor = (code: string): Promise<void> =>
  call('/account/second-factor/confirm', { method: 'POST', body: { code } });

export const removeSecondFactor = (password: string): Promise<void> =>
  call('/account/second-factor', { method: 'DELETE', body: { password } });

export const listDevices = async (signal?: AbortSignal): Promise<SignedInDevice[]> =>
  (await call<{ items: SignedInDevice[] }>('/account/sessions', { signal })).items;

export const endDevice = (id: SignedInDevice['session_id']): Promise<void> =>
  call(`/account/sessions/${id}`, { method: 'DELETE' });

export const endAllDevices = (): Promise<void> => call('/account/sessions', { method: 'DELETE' });

export const listTokens = async (signal?: AbortSignal): Promise<Token[]> =>
  (await call<{ items: Token[] }>('/account/tokens', { signal })).items;

export const createToken = (
  body: NewToken,
): Promise<{ token_id: Token['token_id']; token: string }> =>
  call('/account/tokens', { method: 'POST', body });

export const deleteToken = (id: Token['token_id']): Promise<void> =>
  call(`/account/tokens/${id}`, { method: 'DELETE' });
