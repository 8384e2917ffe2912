/** Two pages: the map and the big screen. */
import { createRouter, createWebHistory } from 'vue-router';

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'map', component: () => import('../features/MapPage.vue') },
    { path: '/screen', name: 'screen', component: () => import('../screen/ScreenPage.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
});
