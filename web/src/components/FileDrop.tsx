import { DocumentArrowUpRegular } from "@fluentui/react-icons";
import { useId, useState, type DragEvent } from "react";
import { readCertificateFile, type CertificateFile } from "../lib/files";
import "./filedrop.css";

interface Props {
  label: string;
  /** Files that may be chosen, as in <input accept>. */
  accept: string;
  file: CertificateFile | null;
  onFile: (file: CertificateFile) => void;
}

/** FileDrop takes one certificate file, chosen or dropped. */
export function FileDrop({ label, accept, file, onFile }: Props) {
  const id = useId();
  const [over, setOver] = useState(false);
  const [problem, setProblem] = useState("");
  const take = async (list: FileList | null) => {
    const first = list?.[0];
    if (!first) return;
    try {
      onFile(await readCertificateFile(first));
      setProblem("");
    } catch (e) {
      setProblem(e instanceof Error ? e.message : "The file cannot be read.");
    }
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    void take(e.dataTransfer.files);
  };
  return (
    <div
      className={`drop${over ? " drop-over" : ""}`}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <DocumentArrowUpRegular fontSize={24} aria-hidden />
      <div className="grow">
        <label htmlFor={id} className="drop-label">
          {label}
        </label>
        <div className="break">{file ? file.name : <span className="muted">Drop a file here, or browse.</span>}</div>
        {problem ? (
          <div role="alert" className="drop-problem">
            {problem}
          </div>
        ) : null}
      </div>
      <input id={id} type="file" accept={accept} onChange={(e) => void take(e.target.files)} />
    </div>
  );
}
