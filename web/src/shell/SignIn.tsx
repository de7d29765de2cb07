import { Button, Field, Input } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { signIn } from "../api/session";
import { ErrorBar } from "../components/ErrorBar";
import { Logo } from "./Logo";
import "./signin.css";

/** SignIn takes the administrator's credential; reason is why an earlier attempt failed. */
export function SignIn({ reason }: { reason: Error | null }) {
  const [token, setToken] = useState("");
  const client = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => signIn({ token: token.trim() }),
    onSuccess: (session) => client.setQueryData(["session"], session),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (token.trim()) attempt.mutate();
  };
  return (
    <main className="signin">
      <form className="card signin-card" onSubmit={submit}>
        <div className="row">
          <Logo size={36} />
          <h1>Sign in to Postern</h1>
        </div>
        <ErrorBar error={attempt.error ?? (attempt.isPending ? null : reason)} title="Not signed in" />
        <Field
          label="Administrator's token"
          required
          hint={
            <>
              It is <code>bearerToken</code> in <code>admin.json</code> in the data directory.
            </>
          }
        >
          <Input type="password" value={token} onChange={(_, d) => setToken(d.value)} autoComplete="current-password" />
        </Field>
        <Button type="submit" appearance="primary" disabled={!token.trim() || attempt.isPending}>
          {attempt.isPending ? "Signing in…" : "Sign in"}
        </Button>
        <p className="muted">
          Or open the link that <code>postern serve</code> prints when it starts: it signs in once, by itself. <code>postern portal</code>{" "}
          prints another.
        </p>
      </form>
    </main>
  );
}
