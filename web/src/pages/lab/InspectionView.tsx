import type { Inspection } from "../../api/postern";
import { VerdictCard } from "../../components/VerdictCard";
import { Admissions } from "./Admissions";
import { Names } from "./Names";
import { Revocation } from "./Revocation";

/** InspectionView is all that the server found out about a certificate. */
export function InspectionView({ seen }: { seen: Inspection }) {
  const leaf = seen.certificates[seen.leaf];
  const others = seen.certificates.filter((_, i) => i !== seen.leaf);
  return (
    <>
      {leaf ? <Names certificate={leaf} title="Certificate" /> : null}
      <div className="grid-2">
        <VerdictCard title="Verify()" verdict={seen.verify} />
        <VerdictCard title="VerifyNoRevocation()" verdict={seen.verifyNoRevocation} />
      </div>
      <Revocation states={seen.revocation ?? []} />
      <Admissions admits={seen.admits} />
      {others.map((c) => (
        <Names key={c.thumbprint} certificate={c} title="In the same file" />
      ))}
    </>
  );
}
