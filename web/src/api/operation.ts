import { ApiError, call, type Answer, type CallOptions } from "./http";

interface Status {
  status?: string;
  error?: { code?: string; message?: string };
}

/** pollUrl is where a long operation tells its state, as a path of this origin; null when the answer is final. */
export function pollUrl(status: number, headers: Headers): string | null {
  const url = headers.get("Azure-AsyncOperation") ?? (status === 202 ? headers.get("Location") : null);
  if (!url) return null;
  const parsed = new URL(url, "https://origin.invalid");
  return parsed.pathname + parsed.search;
}

const wait = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

async function follow(url: string, retryAfter: number): Promise<void> {
  for (let pause = Math.min(retryAfter || 250, 5000); ; pause = Math.min(pause * 1.5, 5000)) {
    await wait(pause);
    const { status, data } = await call<Status | undefined>("GET", url);
    const word = data?.status ?? (status === 202 ? "InProgress" : "Succeeded");
    if (word === "Succeeded") return;
    if (word === "Failed" || word === "Canceled") {
      throw new ApiError(200, data?.error?.code ?? word, data?.error?.message ?? "The operation failed.");
    }
  }
}

/** change sends a request that may take long and returns when it is done. */
export async function change<T>(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer<T>> {
  const answer = await call<T>(method, path, body, options);
  const url = pollUrl(answer.status, answer.headers);
  if (!url) return answer;
  await follow(url, Number(answer.headers.get("Retry-After") ?? 0) * 1000);
  return method === "DELETE" ? answer : call<T>("GET", path);
}
