import { useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";
import { decision } from "../../api/postern";
import { DecisionView } from "../../components/DecisionView";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";

/** RequestPage is the whole decision about one request. */
export default function RequestPage() {
  const id = useParams<{ id: string }>().id;
  const found = useQuery({ queryKey: ["decision", id], queryFn: ({ signal }) => decision(id, signal) });
  return (
    <Page title={`Request ${id}`} crumbs={[{ label: "Overview", to: "/" }]}>
      <ErrorBar error={found.error} title="The request's decision cannot be shown" />
      {found.isPending ? <Loading /> : null}
      {found.data ? <DecisionView decision={found.data} /> : null}
    </Page>
  );
}
