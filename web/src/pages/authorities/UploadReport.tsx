import type { Authority } from "../../api/postern";
import { CertificateFacts } from "../../components/CertificateFacts";
import { StatusText } from "../../components/StatusText";
import { findings, type Upload } from "./report";

/** UploadReport says what a CA certificate is and whether chains can use it. */
export function UploadReport({ upload, others, present }: { upload: Upload; others: Upload[]; present: Authority[] }) {
  return (
    <div className="stack">
      <CertificateFacts certificate={upload.certificate} />
      <ul className="findings">
        {findings(upload, others, present).map((f) => (
          <li key={f.text}>
            <StatusText tone={f.tone}>{f.text}</StatusText>
          </li>
        ))}
      </ul>
    </div>
  );
}
