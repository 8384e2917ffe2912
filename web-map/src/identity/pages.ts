/** The pages beside the map, in the order in which they are offered. */

import {
  Binary,
  ChartColumn,
  CircleUserRound,
  Router as Device,
  Fence,
  Inbox,
  LayoutGrid,
  Lock,
  RadioTower,
  Route,
  ScrollText,
  Shapes,
  Siren,
  UsersRound,
} from 'lucide-vue-next';
import { type Component, type ComputedRef, computed } from 'vue';
import type { Permission } from '../api/session';
import type { MessageKey } from '../i18n';
import { useSession } from './session';

interface Page {
  path: string;
  title: MessageKey;
  icon: Component;
  /** One of these is enough; empty: signed in is. */
  needs: readonly Permission[];
}

const PAGES: Page[] = [
  { path: '/modules', title: 'page.modules', icon: LayoutGrid, needs: ['read'] },
  { path: '/tasks', title: 'page.tasks', icon: Inbox, needs: ['read'] },
  { path: '/alarms', title: 'page.alarms', icon: Siren, needs: ['track'] },
  { path: '/replay', title: 'replay.title', icon: Route, needs: ['track'] },
  { path: '/usage', title: 'usage.title', icon: ChartColumn, needs: ['track'] },
  { path: '/fences', title: 'page.fences', icon: Fence, needs: ['track'] },
  { path: '/seals', title: 'page.seals', icon: Lock, needs: ['track'] },
  { path: '/commands', title: 'page.commands', icon: RadioTower, needs: ['track'] },
  { path: '/account', title: 'page.account', icon: CircleUserRound, needs: [] },
  {
    path: '/admin/users',
    title: 'page.users',
    icon: UsersRound,
    needs: ['manage_users', 'manage_rights'],
  },
  {
    path: '/admin/terminals',
    title: 'page.terminals',
    icon: Device,
    needs: ['manage_terminals'],
  },
  // Its address is open to all who are signed in; it is offered to those who have to do with terminals.
  {
    path: '/tools/frames',
    title: 'page.frames',
    icon: Binary,
    needs: ['manage_terminals', 'command'],
  },
  { path: '/admin/icons', title: 'page.icons', icon: Shapes, needs: ['manage_icons'] },
  { path: '/admin/audit', title: 'page.audit', icon: ScrollText, needs: ['read_audit'] },
];

export function useOwnPages(): ComputedRef<Page[]> {
  const session = useSession();
  return computed(() => PAGES.filter(({ needs }) => needs.length === 0 || session.may(...needs)));
}

const HAVE_PAGES_BELOW = ['/alarms', '/fences', '/seals'];

/** Documents, office space and standards are pages of the modules, wherever their address begins. */
export function isPageOf(page: string, path: string): boolean {
  if (HAVE_PAGES_BELOW.includes(page)) return path === page || path.startsWith(`${page}/`);
  if (page !== '/modules') return path === page;
  return /^\/(modules|documents|office-space|standards)(\/|$)/.test(path);
}
