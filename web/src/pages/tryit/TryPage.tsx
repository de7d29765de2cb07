import { Button } from "@fluentui/react-components";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useSearch } from "wouter";
import { list, type Api, type Operation } from "../../api/arm";
import { tryIt } from "../../api/postern";
import { Empty } from "../../components/Empty";
import { ErrorBar } from "../../components/ErrorBar";
import { Page } from "../../components/Page";
import { useService } from "../../components/useService";
import { useSession } from "../../shell/session";
import { CallerFields } from "./CallerFields";
import { emptyForm, formProblem, pathOf, requestOf, type TryForm } from "./form";
import { RequestFields } from "./RequestFields";
import { ResponseView } from "./ResponseView";
import "./try.css";

/** useChoices reads the APIs and, for the chosen one, its operations. */
function useChoices(api: string) {
  const serviceId = useSession().service.id;
  const apis = useQuery({ queryKey: ["apis"], queryFn: ({ signal }) => list<Api>(`${serviceId}/apis`, signal) });
  const operations = useQuery({
    queryKey: ["apis", api, "operations"],
    queryFn: ({ signal }) => list<Operation>(`${serviceId}/apis/${api}/operations`, signal),
    enabled: api !== "",
  });
  return { apis, operations };
}

/** TryPage calls an operation with a chosen client certificate, and tells why it was refused. */
export default function TryPage() {
  const asked = new URLSearchParams(useSearch());
  const [form, setForm] = useState<TryForm>({ ...emptyForm, api: asked.get("api") ?? "", operation: asked.get("operation") ?? "" });
  const change = (c: Partial<TryForm>) => setForm((f) => ({ ...f, ...c }));
  const service = useService();
  const { apis, operations } = useChoices(form.api);
  const hosts = (service.data?.resource.properties.hostnameConfigurations ?? [])
    .filter((h) => h.type === "Proxy" && !h.hostName.startsWith("*."))
    .map((h) => h.hostName);
  const calling = useMutation({ mutationFn: () => tryIt(requestOf(form)) });
  const problem = formProblem(form);

  // What the address named becomes the path, once it is known.
  const api = apis.data?.find((a) => a.name === form.api);
  const operation = operations.data?.find((o) => o.name === form.operation);
  useEffect(() => {
    if (api)
      setForm((f) => (f.path === "/" ? { ...f, path: pathOf(api, operation), method: operation?.properties.method ?? f.method } : f));
  }, [api, operation]);

  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (!problem) calling.mutate();
  };
  return (
    <Page
      title="Try it"
      about="Call an operation through the gateway, as a client with a certificate does."
      busy={calling.isPending ? "Calling" : false}
    >
      <div className="grid-2">
        <form className="card stack try-form" onSubmit={submit} aria-label="Request">
          <ErrorBar error={apis.error ?? operations.error} title="The APIs cannot be read" />
          <RequestFields form={form} apis={apis.data ?? []} operations={operations.data ?? []} hosts={hosts} onChange={change} />
          <CallerFields form={form} onChange={change} />
          <div className="row">
            <Button appearance="primary" type="submit" disabled={problem !== null || calling.isPending}>
              {calling.isPending ? "Sending…" : "Send"}
            </Button>
            {problem ? <span className="muted">{problem}</span> : null}
          </div>
        </form>
        <div className="stack" aria-live="polite">
          <ErrorBar error={calling.error} title="The call was not made" />
          {calling.data ? (
            <ResponseView response={calling.data} />
          ) : calling.error ? null : (
            <div className="card">
              <Empty title="No call yet">
                The response appears here, and for a refused call the reason: the chain, the failing check, the policy line.
              </Empty>
            </div>
          )}
        </div>
      </div>
    </Page>
  );
}
