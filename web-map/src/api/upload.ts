/** Sends a file and tells how far it is: `fetch` cannot say that about what it sends. */
import { ApiProblem, PROBLEMS, problemOf, queryString, refused } from './client';

const TIMEOUT_MS = 300_000;

export function upload<T>(
  path: string,
  query: Record<string, string | number | undefined>,
  file: File,
  onProgress: (part: number) => void,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open('POST', path + queryString(query));
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', file.type || 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) {
        if (answer === undefined) reject(new ApiProblem(PROBLEMS.unreadable));
        else resolve(answer as T);
        return;
      }
      reject(refused(problemOf(request.status, answer)));
    };
    request.onerror = () => reject(new ApiProblem(PROBLEMS.unreachable));
    request.ontimeout = () => reject(new ApiProblem(PROBLEMS.timedOut));
    request.onabort = () => reject(new DOMException('the upload was stopped', 'AbortError'));
    request.onloadend = () => signal?.removeEventListener('abort', stop);
    signal?.addEventListener('abort', stop);
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
