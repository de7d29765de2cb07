import { Spinner } from "@fluentui/react-components";

/** Loading stands where something is being fetched. */
export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <div className="loading">
      <Spinner size="small" label={label} />
    </div>
  );
}
