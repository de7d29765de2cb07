import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { ApiError } from "../api/http";

interface Props {
  error: Error | null | undefined;
  /** What was not done, in a few words. */
  title: string;
  onRetry?: () => void;
}

function Details({ error }: { error: Error }) {
  if (!(error instanceof ApiError)) return null;
  const details = error.details.filter((d) => !error.message.includes(d.message));
  if (details.length === 0) return null;
  return (
    <ul className="break">
      {details.map((d) => (
        <li key={`${d.target} ${d.message}`}>{d.message}</li>
      ))}
    </ul>
  );
}

/** ErrorBar says what failed in the server's own words; nothing without an error. */
export function ErrorBar({ error, title, onRetry }: Props) {
  if (!error) return null;
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody className="break">
        <MessageBarTitle>{title}</MessageBarTitle> {error.message}
        <Details error={error} />
      </MessageBarBody>
      {onRetry ? (
        <MessageBarActions>
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </MessageBarActions>
      ) : null}
    </MessageBar>
  );
}
