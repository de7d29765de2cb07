import { call, get, post, setCsrfToken } from "./http";

export interface ServiceInfo {
  id: string;
  name: string;
  subscriptionId: string;
  resourceGroup: string;
  sku: string;
}

/** Who is signed in, to what. */
export interface Session {
  principal: { id: string; name: string };
  csrfToken: string;
  expires: string;
  service: ServiceInfo;
  urls: { gateway: string; management: string; vault?: string; ops?: string };
  version: string;
}

const path = "/postern/v1/session";

function keep(session: Session): Session {
  setCsrfToken(session.csrfToken);
  return session;
}

/** current is the session of the cookie; ApiError 401 without one. */
export async function current(signal?: AbortSignal): Promise<Session> {
  return keep(await get<Session>(path, signal));
}

/** signIn trades the one-time code of a link, or the administrator's token, for a session. */
export async function signIn(credential: { code: string } | { token: string }): Promise<Session> {
  return keep(await post<Session>(path, credential));
}

export async function signOut(): Promise<void> {
  await call<void>("DELETE", path);
  setCsrfToken("");
}

/** codeOf is the one-time code in an address's fragment (#code=…), or null. */
export function codeOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("code") || null;
}
