/** The pages. All but the sign-in page need a session; `meta.needs` says which permission makes one worth opening. */
import { createRouter, createWebHistory } from 'vue-router';
import { keepSession } from '../identity/keep';

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/',
      name: 'map',
      component: () => import('../features/MapPage.vue'),
      meta: { needs: ['read'] },
    },
    {
      path: '/screen',
      name: 'screen',
      component: () => import('../screen/ScreenPage.vue'),
      meta: { needs: ['read'] },
    },
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('../identity/SignInPage.vue'),
      meta: { isPublic: true },
    },
    { path: '/account', component: () => import('../identity/account/AccountPage.vue') },
    { path: '/account/password', component: () => import('../identity/PasswordPage.vue') },
    {
      path: '/admin/users',
      component: () => import('../identity/admin/UsersPage.vue'),
      meta: { needs: ['manage_users', 'manage_rights'] },
    },
    {
      path: '/admin/terminals',
      component: () => import('../identity/admin/TerminalsPage.vue'),
      meta: { needs: ['manage_terminals'] },
    },
    {
      path: '/admin/icons',
      component: () => import('../identity/admin/icons/IconsPage.vue'),
      meta: { needs: ['manage_icons'] },
    },
    {
      path: '/admin/audit',
      component: () => import('../identity/admin/AuditPage.vue'),
      meta: { needs: ['read_audit'] },
    },
    {
      path: '/alarms',
      component: () => import('../alarms/AlarmsPage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/alarms/rules',
      component: () => import('../alarms/rules/RulesPage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/replay',
      component: () => import('../replay/ReplayPage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/usage',
      component: () => import('../usage/UsagePage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/fences/:which(new|\\d+)?/:how(edit)?',
      component: () => import('../fences/FencesPage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/seals/:which(new)?',
      component: () => import('../seals/SealsPage.vue'),
      meta: { needs: ['track'] },
    },
    {
      path: '/commands',
      component: () => import('../commands/CommandsPage.vue'),
      meta: { needs: ['track'] },
    },
    { path: '/tools/frames', component: () => import('../tools/frames/FramesPage.vue') },
    {
      path: '/modules',
      name: 'modules-shell',
      component: () => import('../modules/ModuleShell.vue'),
      meta: { needs: ['read'] },
      children: [
        { path: '', component: () => import('../modules/home/ModulesPage.vue') },
        { path: '/modules/:kind', component: () => import('../modules/list/ListPage.vue') },
        { path: '/modules/:kind/new', component: () => import('../modules/form/NewPage.vue') },
        { path: '/documents/:id', component: () => import('../modules/document/DocumentPage.vue') },
        { path: '/documents/:id/edit', component: () => import('../modules/form/EditPage.vue') },
        { path: '/tasks', component: () => import('../modules/tasks/TasksPage.vue') },
        {
          path: '/office-space/over-standard',
          component: () => import('../office-space/over/OverStandardPage.vue'),
        },
        {
          path: '/office-space/entitlement',
          component: () => import('../office-space/entitlement/EntitlementPage.vue'),
        },
        {
          path: '/office-space/reconciliation',
          component: () => import('../office-space/reconciliation/ReconciliationPage.vue'),
        },
        { path: '/standards', component: () => import('../standards/StandardsPage.vue') },
      ],
    },
    {
      path: '/documents/:id/print',
      component: () => import('../modules/print/PrintPage.vue'),
      meta: { needs: ['read'] },
    },
    { path: '/refused', component: () => import('../identity/RefusedPage.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
});

keepSession(router);
