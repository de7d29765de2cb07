import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from "@fluentui/react-components";
import { useMutation, useQuery } from "@tanstack/react-query";
import { uses } from "../api/postern";
import { plural } from "../lib/words";
import { ErrorBar } from "./ErrorBar";
import { Loading } from "./Loading";
import { UseList } from "./UseList";

interface Props {
  /** What is deleted, for the title: "certificate partner". */
  what: string;
  /** Id whose uses are listed; without, none are looked for. */
  usesOf?: string;
  /** What follows from the deletion, instead of "nothing uses it". */
  warning?: string;
  /** Deletes; used tells that it was seen to be in use. */
  onDelete: (used: boolean) => Promise<void>;
  onClose: () => void;
}

/** ConfirmDelete asks before something is deleted, with the list of what uses it. */
export function ConfirmDelete({ what, usesOf, warning, onDelete, onClose }: Props) {
  const list = useQuery({
    queryKey: ["uses", usesOf],
    queryFn: ({ signal }) => uses(usesOf ?? "", signal),
    enabled: usesOf !== undefined,
  });
  const used = list.data ?? [];
  const deletion = useMutation({ mutationFn: () => onDelete(used.length > 0), onSuccess: onClose });
  return (
    <Dialog open onOpenChange={(_, d) => !d.open && onClose()} modalType="alert">
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Delete {what}?</DialogTitle>
          <DialogContent>
            <div className="stack">
              {usesOf !== undefined && list.isPending ? <Loading label="Looking for what uses it" /> : null}
              {list.error ? <ErrorBar error={list.error} title="What uses it is not known" /> : null}
              {used.length > 0 ? (
                <>
                  <p>It is used in {plural(used.length, "place")}:</p>
                  <UseList uses={used} />
                </>
              ) : null}
              {warning ? <p>{warning}</p> : null}
              {!warning && (usesOf === undefined || list.data?.length === 0) ? (
                <p>{usesOf ? "Nothing uses it. " : ""}This cannot be undone.</p>
              ) : null}
              <ErrorBar error={deletion.error} title="Not deleted" />
            </div>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" disabled={deletion.isPending} onClick={() => deletion.mutate()}>
              {deletion.isPending ? "Deleting…" : "Delete"}
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
