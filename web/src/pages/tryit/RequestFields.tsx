import { Field, Input, Select, Textarea } from "@fluentui/react-components";
import type { Api, Operation } from "../../api/arm";
import { pathOf, type TryForm } from "./form";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

interface Props {
  form: TryForm;
  apis: Api[];
  operations: Operation[];
  hosts: string[];
  onChange: (change: Partial<TryForm>) => void;
}

/** RequestFields choose the operation and fill in the request. */
export function RequestFields({ form, apis, operations, hosts, onChange }: Props) {
  const api = apis.find((a) => a.name === form.api);
  const chooseApi = (name: string) =>
    onChange({
      api: name,
      operation: "",
      path: pathOf(
        apis.find((a) => a.name === name),
        undefined,
      ),
    });
  const chooseOperation = (name: string) => {
    const operation = operations.find((o) => o.name === name);
    const method = operation?.properties.method ?? form.method;
    onChange({ operation: name, path: pathOf(api, operation), method: methods.includes(method) ? method : "GET" });
  };
  return (
    <>
      <div className="try-pair">
        <Field label="API">
          <Select value={form.api} onChange={(_, d) => chooseApi(d.value)}>
            <option value="">Any path</option>
            {apis.map((a) => (
              <option key={a.id} value={a.name}>
                {a.properties.displayName}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Operation">
          <Select value={form.operation} disabled={!form.api} onChange={(_, d) => chooseOperation(d.value)}>
            <option value="">Choose an operation</option>
            {operations.map((o) => (
              <option key={o.id} value={o.name}>{`${o.properties.method} ${o.properties.displayName}`}</option>
            ))}
          </Select>
        </Field>
      </div>
      <Field label="Host">
        <Select value={form.host} onChange={(_, d) => onChange({ host: d.value })}>
          <option value="">The gateway's own</option>
          {hosts.map((h) => (
            <option key={h}>{h}</option>
          ))}
        </Select>
      </Field>
      <div className="try-pair try-line">
        <Field label="Method">
          <Select value={form.method} onChange={(_, d) => onChange({ method: d.value })}>
            {methods.map((m) => (
              <option key={m}>{m}</option>
            ))}
          </Select>
        </Field>
        <Field label="Path and query" required>
          <Input value={form.path} onChange={(_, d) => onChange({ path: d.value })} />
        </Field>
      </div>
      <Field label="Headers" hint="One a line, Name: value.">
        <Textarea value={form.headers} rows={3} onChange={(_, d) => onChange({ headers: d.value })} />
      </Field>
      {form.method === "GET" || form.method === "HEAD" ? null : (
        <Field label="Body">
          <Textarea value={form.body} rows={5} onChange={(_, d) => onChange({ body: d.value })} />
        </Field>
      )}
    </>
  );
}
