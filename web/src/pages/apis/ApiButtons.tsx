import { Button, Tooltip } from "@fluentui/react-components";
import { CodeRegular, DeleteRegular } from "@fluentui/react-icons";
import { useLocation } from "wouter";
import type { Api } from "../../api/arm";

/** ApiButtons are what can be done with an API of the list. */
export function ApiButtons({ api, onDelete }: { api: Api; onDelete: (api: Api) => void }) {
  const [, navigate] = useLocation();
  const name = api.properties.displayName;
  return (
    <>
      <Tooltip content={`Policy of ${name}`} relationship="label">
        <Button appearance="subtle" icon={<CodeRegular />} onClick={() => navigate(`/apis/${encodeURIComponent(api.name)}/policy`)} />
      </Tooltip>
      <Tooltip content={`Delete ${name}`} relationship="label">
        <Button appearance="subtle" icon={<DeleteRegular />} onClick={() => onDelete(api)} />
      </Tooltip>
    </>
  );
}
