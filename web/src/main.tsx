import { createDOMRenderer, RendererProvider } from "@fluentui/react-components";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { codeOf } from "./api/session";
import { ApiError } from "./api/http";
import { nonce } from "./nonce";
import "./styles.css";

// The one-time code leaves the address before anything else, so that no history and no page keeps it.
const code = codeOf(window.location.hash);
if (code) window.history.replaceState(null, "", window.location.pathname + window.location.search);

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
});

const renderer = createDOMRenderer(document, nonce ? { styleElementAttributes: { nonce } } : {});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <RendererProvider renderer={renderer} targetDocument={document}>
        <QueryClientProvider client={client}>
          <App code={code} />
        </QueryClientProvider>
      </RendererProvider>
    </StrictMode>,
  );
}
