/** One typed fetch. Every failure becomes an `ApiProblem`, whether the server spoke, spoke nonsense or was silent. */
import { hearServerDate } from './server-clock';
import { isSessionNews, tellSessionNews } from './session-news';
import type { Bilingual } from './types';

/** RFC 9457, with both languages. */
interface ProblemDetails {
  type: string;
  title: Bilingual;
  status: number;
  code: string;
  detail: Bilingual;
  request_id?: string;
  retry_after_s?: number;
  errors?: FieldFault[];
}

/** One of the faults of what was sent: `body.area`, `lines.2.area`, `patch.note`… */
export interface FieldFault {
  field?: string | null;
  message: Bilingual;
}

export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: Bilingual;
  readonly detail: Bilingual;
  readonly requestId: string | null;
  /** How long the server wants to be left alone; null when it does not say. */
  readonly retryAfterS: number | null;
  /** All faults of what was sent, where there are several. */
  readonly errors: Bilingual[];
  /** The same with the fields they are about. */
  readonly faults: FieldFault[];

  constructor(problem: ProblemDetails) {
    super(`${problem.code}: ${problem.detail.en}`);
    this.name = 'ApiProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.request_id ?? null;
    this.retryAfterS = problem.retry_after_s ?? null;
    this.faults = problem.errors ?? [];
    this.errors = this.faults.map(({ message }) => message);
  }
}

interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: Record<string, string | number | undefined>;
  /** A file goes as it is, all else as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

/** A path of the versioned API. */
export function call<T>(path: string, options: Call = {}): Promise<T> {
  return fetchJson(`/api/v1${path}`, options);
}

/** Resolves to the parsed body; rejects with `ApiProblem`, or with the caller's own abort. */
export async function fetchJson<T>(path: string, options: Call = {}): Promise<T> {
  const { method = 'GET', query = {}, body, signal, timeoutMs = 15_000 } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const init: RequestInit = {
    method,
    headers: { accept: 'application/json' },
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  if (body instanceof Blob) {
    init.body = body;
    init.headers = {
      ...init.headers,
      'content-type': body.type || 'application/octet-stream',
    };
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, 'content-type': 'application/json' };
  }
  const sentMs = Date.now();
  let response: Response;
  try {
    response = await fetch(path + queryString(query), init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw timeout.aborted ? new ApiProblem(TIMED_OUT) : new ApiProblem(UNREACHABLE);
  }
  // An answer that may be kept has the date of another day.
  if (/no-(cache|store)/.test(response.headers.get('cache-control') ?? '')) {
    hearServerDate(response.headers.get('date'), sentMs, Date.now());
  }
  if (!response.ok) throw await refusalIn(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiProblem(UNREADABLE);
  }
}

/** What to show for anything that was thrown. */
export function asProblem(cause: unknown): ApiProblem {
  if (cause instanceof ApiProblem) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ApiProblem({ ...UNREADABLE, code: 'client', detail: { zh: text, en: text } });
}

export function isAbort(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'AbortError';
}

/** With its question mark; empty without a value. */
export function queryString(query: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : '';
}

/** What a refusal says of itself, over what its status alone says. */
export function problemOf(status: number, answer: unknown): ProblemDetails {
  const plain: ProblemDetails = {
    type: 'about:blank',
    title: { zh: '服务器没有完成请求', en: 'The server did not complete the request' },
    status,
    code: `http-${status}`,
    detail: { zh: `服务器回答 ${status}`, en: `the server answered ${status}` },
  };
  return { ...plain, ...(answer as Partial<ProblemDetails> | null | undefined) };
}

/** What to throw for a refusal; whoever watches the session hears of it, if it is about that. */
export function refused(problem: ProblemDetails): ApiProblem {
  if (isSessionNews(problem.code)) tellSessionNews(problem.code);
  return new ApiProblem(problem);
}

export async function refusalIn(response: Response): Promise<ApiProblem> {
  return refused(await problemIn(response));
}

async function problemIn(response: Response): Promise<ProblemDetails> {
  const answer = (await response.json().catch(() => null)) as unknown;
  const problem = problemOf(response.status, answer);
  const wait = Number(response.headers.get('retry-after'));
  return wait > 0 ? { retry_after_s: wait, ...problem } : problem;
}

const UNREACHABLE: ProblemDetails = {
  type: 'about:blank',
  title: { zh: '无法连接服务器', en: 'The server cannot be reached' },
  status: 0,
  code: 'unreachable',
  detail: { zh: '请检查网络后重试', en: 'check the network and try again' },
};

const TIMED_OUT: ProblemDetails = {
  ...UNREACHABLE,
  title: { zh: '服务器没有及时回答', en: 'The server did not answer in time' },
  code: 'timed-out',
};

const UNREADABLE: ProblemDetails = {
  ...UNREACHABLE,
  title: { zh: '无法读取服务器的回答', en: "The server's answer cannot be read" },
  code: 'unreadable',
  detail: { zh: '请稍后重试', en: 'try again later' },
};

const CUT_OFF: ProblemDetails = {
  ...UNREACHABLE,
  title: { zh: '服务器的回答中断了', en: "The server's answer broke off" },
  code: 'cut-off',
  detail: {
    zh: '不能确定是否已经完成，请核对后重试',
    en: 'it may or may not have been done: look before trying again',
  },
};

/** What happens without an answer, for those who do not ask by `fetchJson`. */
export const PROBLEMS = {
  unreachable: UNREACHABLE,
  timedOut: TIMED_OUT,
  unreadable: UNREADABLE,
  cutOff: CUT_OFF,
} as const;
