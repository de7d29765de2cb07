import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { ApiError, setSignedOutHandler } from "../api/http";
import { current, signIn } from "../api/session";
import { Loading } from "../components/Loading";
import { SignIn, SignInAgain } from "./SignIn";
import { SessionContext } from "./session";

/** SessionGate shows its children to who is signed in, and the sign-in page to others. */
export function SessionGate({ code, children }: { code: string | null; children: ReactNode }) {
  const client = useQueryClient();
  const unused = useRef(code);
  const session = useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => {
      const once = unused.current;
      unused.current = null;
      return once ? signIn({ code: once }) : current(signal);
    },
    retry: false,
    staleTime: 300_000,
    refetchOnWindowFocus: false,
  });
  const [ended, setEnded] = useState(false);
  useEffect(() => setSignedOutHandler(() => setEnded(true)), []);
  const again = () => {
    setEnded(false);
    void client.invalidateQueries({ predicate: (q) => q.state.status === "error" });
  };

  if (session.isPending) return <Loading label="Opening the portal" />;
  if (session.data) {
    return (
      <SessionContext.Provider value={session.data}>
        {children}
        {ended ? <SignInAgain onSignedIn={again} /> : null}
      </SessionContext.Provider>
    );
  }
  const silent = session.error instanceof ApiError && session.error.status === 401 && !code;
  return <SignIn reason={silent ? null : (session.error ?? null)} />;
}
