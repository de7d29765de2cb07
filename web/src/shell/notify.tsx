import { Toast, ToastBody, ToastTitle, useToastController } from "@fluentui/react-components";
import { useCallback } from "react";

export const toasterId = "notifications";

/** useNotify shows a short notification of what was done; failures stay on the page instead. */
export function useNotify(): (title: string, body?: string) => void {
  const { dispatchToast } = useToastController(toasterId);
  return useCallback(
    (title, body) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          {body ? <ToastBody>{body}</ToastBody> : null}
        </Toast>,
        { intent: "success", timeout: 4000 },
      ),
    [dispatchToast],
  );
}
