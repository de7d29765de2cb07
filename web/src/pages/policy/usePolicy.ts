import { useQuery, useQueryClient } from "@tanstack/react-query";
import { list, put, read, remove, type PolicyProperties, type Resource } from "../../api/arm";
import { check } from "../../api/policies";
import type { PolicyPlace } from "../../lib/armid";
import { useDebounced } from "../../components/source/useInspection";

/** The document of a scope that has none yet. */
export const emptyDocument = (global: boolean) => {
  const base = global ? "" : "\n        <base />";
  const backend = global ? "\n        <forward-request />" : base;
  return `<policies>
    <inbound>${base}
    </inbound>
    <backend>${backend}
    </backend>
    <outbound>${base}
    </outbound>
    <on-error>${base}
    </on-error>
</policies>
`;
};

/** A policy as it is stored; etag null when none is. */
export interface StoredPolicy {
  text: string;
  etag: string | null;
}

/** A document that is being written; base is the etag of the stored one it began from, so that no other change is lost. */
export interface Draft {
  text: string;
  base: string | null;
}

/** readPolicy looks in the scope's list first, since a scope without a policy is nothing unusual and no error. */
async function readPolicy(place: PolicyPlace, signal: AbortSignal): Promise<StoredPolicy> {
  const there = await list<Resource<PolicyProperties>>(place.id.replace(/\/policy$/, ""), signal);
  if (there.length === 0) return { text: emptyDocument(place.scope === "global"), etag: null };
  const { resource, etag } = await read<Resource<PolicyProperties>>(place.id, "format=rawxml", signal);
  return { text: resource.properties.value, etag };
}

/** usePolicy reads a policy, and gives what saves (answering the new etag) and deletes it. */
export function usePolicy(place: PolicyPlace) {
  const client = useQueryClient();
  const stored = useQuery({
    queryKey: ["policy", place.id],
    queryFn: ({ signal }) => readPolicy(place, signal),
    refetchOnWindowFocus: false, // not under the hands of who edits
    staleTime: Infinity,
    gcTime: 0,
  });
  const reload = () => client.invalidateQueries({ queryKey: ["policy", place.id] });
  const save = async ({ text, base }: Draft) => {
    await put(place.id, { format: "rawxml", value: text }, base ?? undefined);
    await reload();
    return client.getQueryData<StoredPolicy>(["policy", place.id])?.etag ?? null;
  };
  const drop = async () => {
    await remove(place.id);
    await reload();
  };
  return { stored, save, drop };
}

/** useCheck has the server's compiler check a document while it is typed. */
export function useCheck(place: PolicyPlace, text: string | undefined) {
  const rested = useDebounced(text, 350);
  return useQuery({
    queryKey: ["policy-check", place.id, rested],
    queryFn: async ({ signal }) =>
      (await check({ id: place.id, scope: place.scope, text: rested ?? "", format: "rawxml" }, signal)).diagnostics ?? [],
    enabled: rested !== undefined,
    placeholderData: (previous) => previous,
    gcTime: 0,
  });
}
