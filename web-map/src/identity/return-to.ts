/** Where to go after signing in. An address from outside is never followed: only a path of this page's own server is. */

/** The path, query and hash if `to` is one on this origin, or null. */
export function returnPath(to: unknown, origin = window.location.origin): string | null {
  // A browser reads `\` as `/` and `//host` as another host; control characters it leaves out.
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to) || /[\p{Cc}\\]/u.test(to)) return null;
  let url: URL;
  try {
    url = new URL(to, origin);
  } catch {
    return null;
  }
  if (url.origin !== origin) return null;
  const path = url.pathname + url.search + url.hash;
  // Dots may have been folded into a second slash.
  return path.startsWith('//') || isSignIn(url.pathname) ? null : path;
}

/** Its own address would bring the sign-in page for ever. */
function isSignIn(path: string): boolean {
  return path === '/sign-in' || path.startsWith('/sign-in/');
}

/** The sign-in page that comes back to `from`. */
export function signInPath(from: string): string {
  const to = returnPath(from);
  return to === null || to === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ to })}`;
}
