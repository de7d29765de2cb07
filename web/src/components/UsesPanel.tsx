import { useQuery } from "@tanstack/react-query";
import { uses } from "../api/postern";
import { ErrorBar } from "./ErrorBar";
import { Loading } from "./Loading";
import { SidePanel } from "./SidePanel";
import { UseList } from "./UseList";

/** UsesPanel shows what uses a resource. */
export function UsesPanel({ title, id, onClose }: { title: string; id: string; onClose: () => void }) {
  const found = useQuery({ queryKey: ["uses", id], queryFn: ({ signal }) => uses(id, signal) });
  return (
    <SidePanel title={title} open onClose={onClose}>
      <ErrorBar error={found.error} title="What uses it is not known" />
      {found.isPending ? <Loading /> : null}
      {found.data?.length === 0 ? <p>Nothing uses it.</p> : null}
      {found.data?.length ? <UseList uses={found.data} /> : null}
    </SidePanel>
  );
}
