import { Link } from "wouter";
import { Page } from "../components/Page";

/** NotFound is what an unknown address shows. */
export function NotFound() {
  return (
    <Page title="Not found">
      <p>
        There is no page at this address. Go to the <Link href="/">overview</Link>.
      </p>
    </Page>
  );
}
