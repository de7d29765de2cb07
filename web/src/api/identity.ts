import { apiVersion, type Service } from "./arm";
import { change } from "./operation";

const identityVersion = "2023-01-31";

/** userAssignedId is the ARM id of a user-assigned identity in the service's resource group. */
export function userAssignedId(subscription: string, group: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
}

const address = (id: string, version: string) => `${id.split("/").map(encodeURIComponent).join("/")}?api-version=${version}`;

export async function createUserAssigned(id: string, location: string): Promise<void> {
  await change("PUT", address(id, identityVersion), { location });
}

/** deleteUserAssigned deletes an identity; force, also one that permissions of vaults or references still name. */
export async function deleteUserAssigned(id: string, force: boolean): Promise<void> {
  await change("DELETE", address(id, identityVersion) + (force ? "&force=true" : ""));
}

/** The identity property of a service. */
export type ServiceIdentity = NonNullable<Service["identity"]>;

/** identityOf is the identity property with the system's own switched, and user-assigned ones as given. */
export function identityOf(system: boolean, assigned: string[]): { type: string; userAssignedIdentities?: Record<string, object> } {
  const kinds = [...(system ? ["SystemAssigned"] : []), ...(assigned.length ? ["UserAssigned"] : [])];
  return {
    type: kinds.join(", ") || "None",
    ...(assigned.length ? { userAssignedIdentities: Object.fromEntries(assigned.map((id) => [id, {}])) } : {}),
  };
}

/** setServiceIdentity gives the service its identities; force, also where one that it loses is still referred to. */
export async function setServiceIdentity(
  serviceId: string,
  system: boolean,
  assigned: string[],
  etag: string,
  force = false,
): Promise<void> {
  const path = address(serviceId, apiVersion) + (force ? "&force=true" : "");
  await change("PATCH", path, { identity: identityOf(system, assigned) }, { ifMatch: etag });
}
