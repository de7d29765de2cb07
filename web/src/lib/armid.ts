/** lastName is the last name of an ARM id. */
export function lastName(id: string): string {
  return id.split("/").filter(Boolean).pop() ?? "";
}

/** A policy document's place: its ARM id, the route of its editor, what it applies to. */
export interface PolicyPlace {
  id: string;
  scope: "global" | "api" | "operation";
  route: string;
  title: string;
}

/** policyPlace finds the place of a policy by API and operation, "" for all. */
export function policyPlace(serviceId: string, api: string, operation: string): PolicyPlace {
  if (!api) return { id: `${serviceId}/policies/policy`, scope: "global", route: "/apis/policy", title: "All APIs" };
  const at = `/apis/${encodeURIComponent(api)}`;
  if (!operation) {
    return { id: `${serviceId}/apis/${api}/policies/policy`, scope: "api", route: `${at}/policy`, title: "All operations" };
  }
  return {
    id: `${serviceId}/apis/${api}/operations/${operation}/policies/policy`,
    scope: "operation",
    route: `${at}/operations/${encodeURIComponent(operation)}/policy`,
    title: operation,
  };
}

/** policyRoute is the editor's route for a policy's ARM id, at a line; null when the id is no policy's. */
export function policyRoute(id: string, line?: number): string | null {
  const m = /\/service\/[^/]+(?:\/apis\/([^/]+)(?:\/operations\/([^/]+))?)?\/policies\/policy$/i.exec(id);
  if (!m) return null;
  return policyPlace("", m[1] ?? "", m[2] ?? "").route + (line ? `?line=${line}` : "");
}

/** scopeRoute is the route for a scope that a decision names: global, api or operation of that API. */
export function scopeRoute(scope: string, api: string, operation: string, line?: number): string {
  const kind = scope.toLowerCase();
  const place = policyPlace("", kind === "global" ? "" : api, kind === "operation" ? operation : "");
  return place.route + (line ? `?line=${line}` : "");
}
