import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "../../api/http";
import { inspect } from "../../api/postern";

/** useDebounced follows a value once it has rested for a while. */
export function useDebounced<T>(value: T, ms = 300): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return rested;
}

/** useInspection has the server read a certificate file as it is being chosen; nothing is kept there. */
export function useInspection(data: string, password: string) {
  const rested = useDebounced(password);
  const settled = rested === password;
  const query = useQuery({
    queryKey: ["inspect", data, rested],
    queryFn: ({ signal }) => inspect({ data, ...(rested ? { password: rested } : {}) }, signal),
    enabled: data !== "",
    retry: false,
    gcTime: 0, // a password stays in memory no longer than the form
  });
  const error = settled ? query.error : null;
  const forPassword = error instanceof ApiError && error.target === "password";
  return { data: settled ? query.data : undefined, error, wrongPassword: forPassword ? error.message : undefined };
}
