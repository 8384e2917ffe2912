/** Sends a file that takes the server long, and hears line by line how far it is with it. */
import { ApiProblem, PROBLEMS, problemOf, queryString, refusalIn, refused } from './client';

export interface Progress {
  rows: number;
  done: number;
}

/** Any number of progresses, then one of the others. */
type Line = Progress | { outcome: unknown } | { problem: object };

/** A silence, not a limit of the whole: sending a large file is one, and work that goes on talks. */
const SILENCE_MS = 300_000;

/** Resolves to the outcome; rejects with `ApiProblem`, or with the caller's own abort. */
export async function follow<T>(
  path: string,
  query: Record<string, string | number | undefined>,
  file: File,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<T> {
  const silence = new AbortController();
  const listen = () => setTimeout(() => silence.abort(), SILENCE_MS);
  let clock = listen();
  let isAnswered = false;
  try {
    const response = await fetch(path + queryString(query), {
      method: 'POST',
      headers: {
        accept: 'application/x-ndjson',
        'content-type': file.type || 'application/octet-stream',
      },
      body: file,
      signal: AbortSignal.any([signal, silence.signal]),
    });
    isAnswered = true;
    if (!response.ok) throw await refusalIn(response);
    for await (const text of linesOf(response)) {
      clearTimeout(clock);
      clock = listen();
      const line = parsed(text);
      if ('outcome' in line) return line.outcome as T;
      if ('problem' in line) throw refused(problemOf(response.status, line.problem));
      onProgress(line);
    }
    throw new ApiProblem(PROBLEMS.cutOff);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ApiProblem) throw cause;
    if (silence.signal.aborted) throw new ApiProblem(PROBLEMS.timedOut);
    throw new ApiProblem(isAnswered ? PROBLEMS.cutOff : PROBLEMS.unreachable);
  } finally {
    clearTimeout(clock);
  }
}

/** Whole lines, however the stream was cut into chunks; the last one needs no end of line. */
async function* linesOf({ body }: Response): AsyncGenerator<string> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += decoder.decode(value, { stream: !done });
      const lines = rest.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      yield* lines.filter((line) => line.trim() !== '');
      if (done) return;
    }
  } finally {
    // Nothing after the last line matters, not even how it ends.
    reader.cancel().catch(() => {});
  }
}

function parsed(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    throw new ApiProblem(PROBLEMS.unreadable);
  }
}
