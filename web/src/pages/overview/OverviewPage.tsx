import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useQuery } from "@tanstack/react-query";
import { overview } from "../../api/postern";
import { Command } from "../../components/Command";
import { ErrorBar } from "../../components/ErrorBar";
import { Loading } from "../../components/Loading";
import { Page } from "../../components/Page";
import { useSession } from "../../shell/session";
import { Essentials } from "./Essentials";
import { ExpiringCard } from "./ExpiringCard";
import { RefusalsCard } from "./RefusalsCard";
import "./overview.css";

/** OverviewPage is the service at a glance: addresses, what expires next, who was refused and why. */
export default function OverviewPage() {
  const session = useSession();
  const seen = useQuery({ queryKey: ["overview"], queryFn: ({ signal }) => overview(signal), refetchInterval: 15_000 });
  return (
    <Page
      title={session.service.name}
      about="API Management service"
      commands={<Command label="Refresh" icon={<ArrowClockwiseRegular />} onClick={() => void seen.refetch()} />}
    >
      <ErrorBar error={seen.error} title="The overview cannot be read" onRetry={() => void seen.refetch()} />
      <Essentials session={session} addresses={seen.data?.addresses ?? []} />
      {seen.isPending ? <Loading /> : null}
      {seen.data ? (
        <>
          <RefusalsCard refusals={seen.data.refusals} />
          <ExpiringCard expiring={seen.data.expiring ?? []} />
        </>
      ) : null}
    </Page>
  );
}
