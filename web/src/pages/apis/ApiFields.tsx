import { Checkbox, Field, Input } from "@fluentui/react-components";
import type { ApiProperties } from "../../api/arm";

export type ApiForm = Pick<ApiProperties, "displayName" | "path"> & {
  serviceUrl: string;
  subscriptionRequired: boolean;
  description: string;
};

interface Props {
  form: ApiForm;
  onChange: (change: Partial<ApiForm>) => void;
}

/** formOf is the form of an API's properties. */
export function formOf(p: ApiProperties): ApiForm {
  return {
    displayName: p.displayName,
    path: p.path,
    serviceUrl: p.serviceUrl ?? "",
    subscriptionRequired: p.subscriptionRequired ?? true,
    description: p.description ?? "",
  };
}

/** propertiesOf is what ARM gets of a form. */
export function propertiesOf(form: ApiForm): Omit<ApiProperties, "protocols"> {
  const { serviceUrl, description, ...rest } = form;
  return { ...rest, serviceUrl: serviceUrl.trim() || null, ...(description ? { description } : {}) };
}

/** ApiFields are an API's settings. */
export function ApiFields({ form, onChange }: Props) {
  return (
    <>
      <Field label="Display name" required>
        <Input value={form.displayName} onChange={(_, d) => onChange({ displayName: d.value })} />
      </Field>
      <Field label="API URL suffix" hint="The path that the API's calls begin with; empty for all that no other API has.">
        <Input value={form.path} contentBefore="/" onChange={(_, d) => onChange({ path: d.value.replace(/^\/+/, "") })} />
      </Field>
      <Field label="Web service URL" hint="Where calls are forwarded to; empty if a policy answers them or chooses.">
        <Input
          type="url"
          value={form.serviceUrl}
          placeholder="https://orders.internal"
          onChange={(_, d) => onChange({ serviceUrl: d.value })}
        />
      </Field>
      <Field label="Description">
        <Input value={form.description} onChange={(_, d) => onChange({ description: d.value })} />
      </Field>
      <Checkbox
        label="Subscription required"
        checked={form.subscriptionRequired}
        onChange={(_, d) => onChange({ subscriptionRequired: d.checked === true })}
      />
    </>
  );
}
