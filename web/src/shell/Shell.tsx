import { DrawerBody, OverlayDrawer } from "@fluentui/react-components";
import { useState, type ReactNode } from "react";
import { Nav } from "./Nav";
import { TopBar } from "./TopBar";
import "./shell.css";

/** Shell is the frame of every page: bar, menu, content. */
export function Shell({ children }: { children: ReactNode }) {
  const [menu, setMenu] = useState(false);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <TopBar onMenu={() => setMenu(true)} />
      <div className="shell-side">
        <Nav />
      </div>
      <OverlayDrawer open={menu} onOpenChange={(_, d) => setMenu(d.open)} size="small" aria-label="Menu">
        <DrawerBody className="shell-drawer">
          <Nav onNavigate={() => setMenu(false)} />
        </DrawerBody>
      </OverlayDrawer>
      <main className="shell-main" id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
