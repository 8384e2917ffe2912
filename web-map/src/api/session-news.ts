/** What the server lets this page know about its session: in an answer, on the live stream, or by closing that stream. */

export type SessionNews = 'not-signed-in' | 'password-change-needed' | 'rights-changed';

type Listener = (news: SessionNews) => void;

const listeners = new Set<Listener>();

export function tellSessionNews(news: SessionNews) {
  for (const listener of listeners) listener(news);
}

/** Returns the way to stop listening. */
export function onSessionNews(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isSessionNews(code: string): code is SessionNews {
  return code === 'not-signed-in' || code === 'password-change-needed';
}
