/** What may be granted to whom. The server decides; here a choice it would refuse is not offered. */
import type { Duty, Role, User } from '../../api/users';

export interface RoleChoice {
  role: Role;
  /** The account is another of the three administrators (三员) already. */
  isApart: boolean;
}

/** The duty an account holds by its grants. */
export function dutyOf(user: User, roles: Role[]): Duty | null {
  const held = user.grants.map(
    (grant) => roles.find(({ role_id }) => role_id === grant.role_id)?.duty ?? null,
  );
  return held.find((duty) => duty !== null) ?? null;
}

export function roleChoices(user: User, roles: Role[]): RoleChoice[] {
  const held = dutyOf(user, roles);
  return roles.map((role) => ({
    role,
    isApart: held !== null && role.duty !== null && role.duty !== held,
  }));
}

export type UserState = 'ok' | 'disabled' | 'locked' | 'first';

/** What somebody has to know first about an account. */
export function stateOf(user: User): UserState {
  if (user.is_disabled) return 'disabled';
  if (user.is_locked) return 'locked';
  return user.must_change_password ? 'first' : 'ok';
}

export const STATE_CHIPS: Record<UserState, string> = {
  ok: 'ok',
  disabled: 'danger',
  locked: 'danger',
  first: 'warn',
};
