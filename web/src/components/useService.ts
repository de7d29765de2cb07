import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { patch, read, type Service, type Tagged } from "../api/arm";
import { useSession } from "../shell/session";

/** useService reads the service resource with its entity tag. */
export function useService() {
  const id = useSession().service.id;
  return useQuery<Tagged<Service>>({ queryKey: ["service"], queryFn: ({ signal }) => read<Service>(id, "", signal) });
}

/** usePatchService changes properties of the service, if nobody else did since it was read. */
export function usePatchService() {
  const id = useSession().service.id;
  const client = useQueryClient();
  return useCallback(
    async (properties: Record<string, unknown>, etag: string) => {
      await patch<Service>(id, { properties }, etag);
      await client.invalidateQueries();
    },
    [id, client],
  );
}
