/** Which page somebody gets who asks for one. Pure: the router asks, `keep.ts` asks again when rights change. */
import type { Permission } from '../api/session';
import { returnPath, signInPath } from './return-to';
import type { SessionState } from './session';

declare module 'vue-router' {
  interface RouteMeta {
    /** Open to those who are not signed in. */
    isPublic?: boolean;
    /** One of these is enough; absent: signed in is. */
    needs?: readonly Permission[];
  }
}

export interface Asked {
  name?: unknown;
  path: string;
  fullPath: string;
  query: Record<string, unknown>;
  meta: { isPublic?: boolean; needs?: readonly Permission[] };
}

export interface Visitor {
  state: SessionState;
  may: (...anyOf: Permission[]) => boolean;
}

export const PASSWORD_PATH = '/account/password';
export const REFUSED_PATH = '/refused';

/** True to go there; false while nobody knows who asks; otherwise where to go instead. */
export function gate(to: Asked, visitor: Visitor): boolean | string {
  const back = returnPath(to.query.to);
  switch (visitor.state) {
    case 'unknown':
      return to.meta.isPublic === true;
    case 'signed-out':
      return to.meta.isPublic === true || signInPath(to.fullPath);
    case 'password-change': {
      if (to.path === PASSWORD_PATH) return true;
      const next = to.meta.isPublic ? back : to.fullPath;
      return next && next !== '/'
        ? `${PASSWORD_PATH}?${new URLSearchParams({ to: next })}`
        : PASSWORD_PATH;
    }
    case 'signed-in':
      if (to.meta.isPublic) return back ?? homeOf(visitor);
      if (!to.meta.needs || visitor.may(...to.meta.needs)) return true;
      // The two administrators without a map start at their desk.
      return to.path === '/' ? homeOf(visitor) : REFUSED_PATH;
  }
}

/** The first page somebody has. */
export function homeOf({ may }: Visitor): string {
  if (may('read')) return '/';
  if (may('manage_users', 'manage_rights')) return '/admin/users';
  if (may('manage_terminals')) return '/admin/terminals';
  return may('read_audit') ? '/admin/audit' : '/account';
}
