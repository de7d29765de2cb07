/** One item of an error's details: which field is wrong and why. */
export interface ErrorDetail {
  code?: string;
  target?: string;
  message: string;
}

/** A failure that the server explained (ARM's error envelope), or that it could not (status 0: not reached). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly target: string | undefined = undefined,
    readonly details: ErrorDetail[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** What a call answered: the body, its entity tag and the headers. */
export interface Answer<T> {
  status: number;
  data: T;
  etag: string | null;
  headers: Headers;
}

export interface CallOptions {
  /** Value of If-Match; "*" is any state. */
  ifMatch?: string;
  signal?: AbortSignal;
}

let csrfToken = "";
let onSignedOut: () => void = () => undefined;
let onRemark: (remark: string) => void = () => undefined;

/** setCsrfToken gives the token that goes with each changing call. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** setSignedOutHandler sets what happens when the server no longer knows the session. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler;
}

/** setRemarkHandler sets who is told what the server remarks on a change that it made, such as a CA that has expired. */
export function setRemarkHandler(handler: (remark: string) => void): void {
  onRemark = handler;
}

interface Envelope {
  error?: { code?: string; message?: string; target?: string | null; details?: ErrorDetail[] | null };
}

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** errorOf makes the error of a refusing answer; every one has a message for people. */
export function errorOf(status: number, statusText: string, body: unknown): ApiError {
  const error = (body as Envelope | undefined)?.error;
  if (!error) return new ApiError(status, "", `The server answered ${status} ${statusText}.`.replace(" .", "."));
  const details = (error.details ?? []).filter((d) => d.message);
  let message = error.message || `The server answered ${status} ${statusText}.`;
  if (details.length > 0 && /incorrect values:?$/.test(message)) {
    message = details.map((d) => d.message).join(" ");
  }
  return new ApiError(status, error.code ?? "", message, error.target ?? details[0]?.target, details);
}

async function send(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET" && method !== "HEAD" && csrfToken) headers.set("X-Postern-CSRF", csrfToken);
  if (options.ifMatch) headers.set("If-Match", options.ifMatch);
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      signal: options.signal,
      cache: "no-store",
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "Unreachable", "The server cannot be reached. Is postern serve running?");
  }
}

/** call sends one request to this origin and reads the answer; T is what the contract says of its body. */
export async function call<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, body, options);
  const data = parse(await response.text());
  if (!response.ok) {
    if (response.status === 401 && path !== "/postern/v1/session") onSignedOut();
    throw errorOf(response.status, response.statusText, data);
  }
  const remark = method === "GET" ? null : response.headers.get("Postern-Remark");
  if (remark) onRemark(remark);
  return { status: response.status, data: data as T, etag: response.headers.get("ETag"), headers: response.headers };
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await call<T>("GET", path, undefined, { signal })).data;
}

export async function post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return (await call<T>("POST", path, body, { signal })).data;
}
