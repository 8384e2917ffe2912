/** Language and theme in the address of the pages without a map, as `router/view-url.ts` has them for the map. */
import { watch } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import type { Lang, Theme } from '../stores/view';
import { useView } from '../stores/view';
import { returnPath } from './return-to';

interface Appearance {
  lang: Lang;
  theme: Theme;
}

export function useAppearanceInUrl() {
  const view = useView();
  const route = useRoute();
  const router = useRouter();
  const asked = { ...appearanceOf(returnPath(route.query.to)), ...appearanceIn(route.query) };
  view.$patch(asked);

  watch(
    () => [view.lang, view.theme] as const,
    ([lang, theme]) => {
      const { lang: _, theme: __, ...query } = route.query;
      if (lang !== 'zh') query.lang = lang;
      if (theme !== 'light') query.theme = theme;
      const target = { path: route.path, query };
      if (router.resolve(target).fullPath !== route.fullPath) void router.replace(target);
    },
    { immediate: true },
  );
}

/** `path` in this language and theme. What it says already stays as it is, to the letter. */
export function inAppearance(path: string, { lang, theme }: Appearance): string {
  const said = { lang: 'zh', theme: 'light', ...appearanceOf(path) };
  if (said.lang === lang && said.theme === theme) return path;
  const [head = '', hash] = path.split('#');
  const [pathname, query] = head.split('?');
  const params = new URLSearchParams(query);
  params.delete('lang');
  params.delete('theme');
  if (lang !== 'zh') params.set('lang', lang);
  if (theme !== 'light') params.set('theme', theme);
  const text = params.size > 0 ? `?${params}` : '';
  return `${pathname}${text}${hash === undefined ? '' : `#${hash}`}`;
}

function appearanceOf(path: string | null): Partial<Appearance> {
  const query = path?.split('#')[0]?.split('?')[1];
  return appearanceIn(Object.fromEntries(new URLSearchParams(query)));
}

function appearanceIn(query: Record<string, unknown>): Partial<Appearance> {
  const asked: Partial<Appearance> = {};
  if (query.lang === 'zh' || query.lang === 'en') asked.lang = query.lang;
  if (query.theme === 'light' || query.theme === 'dark') asked.theme = query.theme;
  return asked;
}
