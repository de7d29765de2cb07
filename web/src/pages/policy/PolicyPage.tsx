import { ArrowUndoRegular, DeleteRegular, SaveRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState, useContext } from "react";
import { useSearch } from "wouter";
import { Command } from "../../components/Command";
import { ConfirmDelete } from "../../components/ConfirmDelete";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page, type Crumb } from "../../components/Page";
import { useKept } from "../../components/useKept";
import { useUnsaved } from "../../components/useUnsaved";
import type { EditorHandle } from "../../editor/PolicyEditor";
import { policyPlace } from "../../lib/armid";
import { useNotify } from "../../shell/notify";
import { useSession } from "../../shell/session";
import { ThemeContext } from "../../shell/theme";
import { Problems } from "./Problems";
import { SnippetMenu } from "./SnippetMenu";
import { useCheck, usePolicy, type Draft } from "./usePolicy";
import "./policy.css";

const PolicyEditor = lazy(() => import("../../editor/PolicyEditor"));

function crumbsOf(api: string): Crumb[] {
  const apis = { label: "APIs", to: "/apis" };
  return api ? [apis, { label: api, to: `/apis/${encodeURIComponent(api)}` }] : [apis];
}

/** useLine brings the editor to the line that the address names, once it is there. */
function useLine(editor: EditorHandle | null) {
  const line = Number(new URLSearchParams(useSearch()).get("line") ?? 0);
  useEffect(() => {
    if (editor && line > 0) editor.goTo(line, 1);
  }, [editor, line]);
}

/** PolicyPage edits the policy of all APIs, of one API or of one operation. */
export default function PolicyPage({ api, operation }: { api: string; operation: string }) {
  const place = policyPlace(useSession().service.id, api, operation);
  const theme = useContext(ThemeContext);
  const notify = useNotify();
  const { stored, save, drop } = usePolicy(place);
  const [draft, setDraft] = useKept<Draft | null>(place.id, null);
  const [deleting, setDeleting] = useState(false);
  const [editor, setEditor] = useState<EditorHandle | null>(null);
  const handle = useRef(setEditor).current;
  const text = draft?.text ?? stored.data?.text;
  const edit = (next: string) => setDraft((d) => ({ text: next, base: d ? d.base : (stored.data?.etag ?? null) }));
  const checked = useCheck(place, text);
  const dirty = draft !== null && draft.text !== stored.data?.text;
  useUnsaved(dirty);
  useLine(editor);
  const saving = useMutation({
    mutationFn: save,
    onSuccess: (base, saved) => {
      setDraft((d) => (d && d.text !== saved.text ? { ...d, base } : null)); // what was typed meanwhile stays
      notify("Policy saved", "It is live.");
    },
  });
  const discard = () => {
    setDraft(null);
    saving.reset();
  };
  return (
    <Page
      title={`Policy: ${place.title}`}
      crumbs={crumbsOf(api)}
      busy={saving.isPending ? "Saving the policy" : false}
      commands={
        <>
          <Command
            label="Save"
            icon={<SaveRegular />}
            disabled={!dirty || saving.isPending}
            onClick={() => draft && saving.mutate(draft)}
          />
          <Command label="Discard" icon={<ArrowUndoRegular />} disabled={!dirty || saving.isPending} onClick={discard} />
          <SnippetMenu onInsert={(snippet) => editor?.insert(snippet)} />
          <Command label="Delete" icon={<DeleteRegular />} disabled={!stored.data?.etag} onClick={() => setDeleting(true)} />
        </>
      }
    >
      <ErrorBar error={stored.error} title="The policy cannot be read" onRetry={() => void stored.refetch()} />
      <ErrorBar error={saving.error} title="Not saved; nothing changed." />
      {stored.data?.etag === null ? <p className="muted">This scope has no policy yet. Save one to begin.</p> : null}
      {text === undefined ? (
        stored.isPending ? (
          <Loading />
        ) : null
      ) : (
        <Suspense fallback={<Loading label="Opening the editor" />}>
          <PolicyEditor
            ref={handle}
            value={text}
            onChange={edit}
            diagnostics={checked.data ?? []}
            dark={theme.dark}
            label={`Policy document: ${place.title}`}
          />
        </Suspense>
      )}
      <ErrorBar error={checked.error} title="The document cannot be checked" />
      <Problems diagnostics={checked.data} onGo={(line, column) => editor?.goTo(line, column)} />
      {deleting ? (
        <ConfirmDelete
          what={`the policy of ${place.title}`}
          warning="Calls then follow the policies above it alone."
          onDelete={async () => {
            await drop();
            setDraft(null);
          }}
          onClose={() => setDeleting(false)}
        />
      ) : null}
    </Page>
  );
}
