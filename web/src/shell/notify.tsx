import { Toast, ToastBody, ToastTitle, useToastController } from "@fluentui/react-components";
import { useCallback, useEffect } from "react";
import { setRemarkHandler } from "../api/http";

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

/** Remarks shows what the server remarks on changes that it made all the same. */
export function Remarks() {
  const { dispatchToast } = useToastController(toasterId);
  useEffect(() => {
    setRemarkHandler((remark) =>
      dispatchToast(
        <Toast>
          <ToastTitle>The server remarks</ToastTitle>
          <ToastBody>{remark}</ToastBody>
        </Toast>,
        { intent: "warning", timeout: 20_000, pauseOnHover: true },
      ),
    );
    return () => setRemarkHandler(() => undefined);
  }, [dispatchToast]);
  return null;
}
