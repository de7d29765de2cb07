import { FluentProvider, Toaster } from "@fluentui/react-components";
import { lazy, Suspense } from "react";
import { Route, Switch, useLocation } from "wouter";
import { Loading } from "./components/Loading";
import { NotFound } from "./pages/NotFound";
import { routes } from "./lib/routes";
import { Boundary } from "./shell/Boundary";
import { SessionGate } from "./shell/SessionGate";
import { Shell } from "./shell/Shell";
import { Remarks, toasterId } from "./shell/notify";
import { ThemeContext, useThemeState } from "./shell/theme";

const Overview = lazy(() => import("./pages/overview/OverviewPage"));
const Request = lazy(() => import("./pages/overview/RequestPage"));
const Certificates = lazy(() => import("./pages/certificates/CertificatesPage"));
const Authorities = lazy(() => import("./pages/authorities/AuthoritiesPage"));
const Identities = lazy(() => import("./pages/identities/IdentitiesPage"));
const Domains = lazy(() => import("./pages/domains/DomainsPage"));
const Apis = lazy(() => import("./pages/apis/ApisPage"));
const Api = lazy(() => import("./pages/apis/ApiPage"));
const Policy = lazy(() => import("./pages/policy/PolicyPage"));
const Vaults = lazy(() => import("./pages/vault/VaultPage"));
const VaultObject = lazy(() => import("./pages/vault/VaultObjectPage"));
const TryIt = lazy(() => import("./pages/tryit/TryPage"));
const Lab = lazy(() => import("./pages/lab/LabPage"));

function Pages() {
  const [place] = useLocation();
  return (
    <Boundary place={place}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path={routes.overview} component={Overview} />
          <Route path="/requests/:id" component={Request} />
          <Route path={routes.certificates} component={Certificates} />
          <Route path={routes.authorities} component={Authorities} />
          <Route path={routes.identities} component={Identities} />
          <Route path={routes.domains} component={Domains} />
          <Route path={routes.apis} component={Apis} />
          <Route path="/apis/policy">
            <Policy api="" operation="" />
          </Route>
          <Route path="/apis/:api/policy">{(p) => <Policy key={p.api} api={p.api} operation="" />}</Route>
          <Route path="/apis/:api/operations/:operation/policy">
            {(p) => <Policy key={`${p.api}/${p.operation}`} api={p.api} operation={p.operation} />}
          </Route>
          <Route path="/apis/:api">{(p) => <Api key={p.api} api={p.api} />}</Route>
          <Route path={routes.vaults}>
            <Vaults />
          </Route>
          <Route path="/key-vault/:vault/:kind/:name">
            {(p) => <VaultObject key={`${p.vault}/${p.kind}/${p.name}`} vault={p.vault} kind={p.kind} name={p.name} />}
          </Route>
          <Route path={routes.tryIt} component={TryIt} />
          <Route path={routes.lab} component={Lab} />
          <Route component={NotFound} />
        </Switch>
      </Suspense>
    </Boundary>
  );
}

/** App is the whole portal; code is the one-time code of the link it was opened with, or null. */
export function App({ code }: { code: string | null }) {
  const theme = useThemeState();
  return (
    <ThemeContext.Provider value={theme}>
      <FluentProvider theme={theme.fluent} className="app-root">
        <SessionGate code={code}>
          <Shell>
            <Pages />
          </Shell>
        </SessionGate>
        <Toaster toasterId={toasterId} position="top-end" />
        <Remarks />
      </FluentProvider>
    </ThemeContext.Provider>
  );
}
