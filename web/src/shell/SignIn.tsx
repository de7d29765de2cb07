import { Button, Dialog, DialogBody, DialogContent, DialogSurface, DialogTitle, Field, Input } from "@fluentui/react-components";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { signIn } from "../api/session";
import { ErrorBar } from "../components/ErrorBar";
import { Logo } from "./Logo";
import "./signin.css";

/** SignInForm takes the administrator's credential; reason is why an earlier attempt failed. */
export function SignInForm({ reason, onSignedIn }: { reason: Error | null; onSignedIn?: () => void }) {
  const [token, setToken] = useState("");
  const client = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => signIn({ token: token.trim() }),
    onSuccess: (session) => {
      client.setQueryData(["session"], session);
      onSignedIn?.();
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (token.trim()) attempt.mutate();
  };
  return (
    <form className="signin-form" onSubmit={submit}>
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
    </form>
  );
}

/** SignIn is the page of who is not signed in. */
export function SignIn({ reason }: { reason: Error | null }) {
  return (
    <main className="signin">
      <div className="card signin-card">
        <div className="row">
          <Logo size={36} />
          <h1>Sign in to Postern</h1>
        </div>
        <SignInForm reason={reason} />
        <p className="muted">
          Or open the link that <code>postern serve</code> prints when it starts: it signs in once, by itself. <code>postern portal</code>{" "}
          prints another.
        </p>
      </div>
    </main>
  );
}

/** SignInAgain stands over the page when the session has ended, so that what is entered there is not lost. */
export function SignInAgain({ onSignedIn }: { onSignedIn: () => void }) {
  return (
    <Dialog open modalType="alert">
      <DialogSurface>
        <DialogBody>
          <DialogTitle>The session has ended</DialogTitle>
          <DialogContent>
            <div className="stack">
              <p>Sign in again to go on; what you entered is still there.</p>
              <SignInForm reason={null} onSignedIn={onSignedIn} />
            </div>
          </DialogContent>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
