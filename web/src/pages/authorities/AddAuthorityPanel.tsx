import { Field, Input, Select } from "@fluentui/react-components";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "../../api/http";
import type { Authority } from "../../api/postern";
import { ErrorBar } from "../../components/ErrorBar";
import { FileDrop } from "../../components/FileDrop";
import { SidePanel } from "../../components/SidePanel";
import { useDebounced } from "../../components/source/useInspection";
import type { CertificateFile } from "../../lib/files";
import { readUploads, type Store, type Upload } from "./report";
import { UploadReport } from "./UploadReport";

interface Props {
  present: Authority[];
  onSave: (uploads: Upload[], password: string) => Promise<void>;
  onClose: () => void;
}

/** AddAuthorityPanel uploads CA certificates and reports on them before they are saved. */
export function AddAuthorityPanel({ present, onSave, onClose }: Props) {
  const [file, setFile] = useState<CertificateFile | null>(null);
  const [password, setPassword] = useState("");
  const [stores, setStores] = useState<Record<number, Store>>({});
  const rested = useDebounced(password);
  const reading = useQuery({
    queryKey: ["ca-upload", file?.data, rested],
    queryFn: ({ signal }) => readUploads(file ?? { name: "", data: "", kind: "pem" }, rested, signal),
    enabled: file !== null,
    retry: false,
    gcTime: 0,
  });
  useEffect(() => setStores({}), [file]);
  const uploads = (reading.data ?? []).map((u, i) => ({ ...u, store: stores[i] ?? u.store }));
  const saving = useMutation({ mutationFn: () => onSave(uploads, password), onSuccess: onClose });
  const wrongPassword = reading.error instanceof ApiError && reading.error.target === "password" ? reading.error.message : undefined;
  return (
    <SidePanel
      title="Add CA certificate"
      open
      onClose={onClose}
      onSubmit={() => saving.mutate()}
      submitDisabled={uploads.length === 0}
      busy={saving.isPending}
    >
      <ErrorBar error={saving.error} title="Not saved" />
      <FileDrop label="Certificate file (.cer, .pem, .pfx)" accept=".cer,.crt,.der,.pem,.pfx,.p12" file={file} onFile={setFile} />
      <Field label="Password" hint="Optional: only the public part is needed." validationMessage={wrongPassword}>
        <Input type="password" autoComplete="off" value={password} onChange={(_, d) => setPassword(d.value)} />
      </Field>
      {reading.error && !wrongPassword ? <ErrorBar error={reading.error} title="The file cannot be read" /> : null}
      {uploads.map((u, i) => (
        <section key={u.certificate.thumbprint} className="card stack" aria-label={`Report on ${u.certificate.subject}`}>
          <Field label={uploads.length > 1 ? `Store of certificate ${i + 1}` : "Store"} required>
            <Select
              value={u.store}
              onChange={(_, d) => setStores((s) => ({ ...s, [i]: d.value === "Root" ? "Root" : "CertificateAuthority" }))}
            >
              <option value="Root">Root</option>
              <option value="CertificateAuthority">Intermediate</option>
            </Select>
          </Field>
          <UploadReport upload={u} others={uploads.filter((o) => o !== u)} present={present} />
        </section>
      ))}
    </SidePanel>
  );
}
