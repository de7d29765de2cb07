import { Button, Menu, MenuDivider, MenuItem, MenuItemRadio, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import { NavigationRegular, PersonCircleRegular, SignOutRegular, WeatherMoonRegular, WeatherSunnyRegular } from "@fluentui/react-icons";
import { useQueryClient } from "@tanstack/react-query";
import { useContext } from "react";
import { Link } from "wouter";
import { signOut } from "../api/session";
import { forgetKept } from "../components/useKept";
import { Logo } from "./Logo";
import { useSession } from "./session";
import { ThemeContext, type ThemeChoice } from "./theme";

const choices: { value: ThemeChoice; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

function ThemeMenu() {
  const theme = useContext(ThemeContext);
  return (
    <Menu
      checkedValues={{ theme: [theme.choice] }}
      onCheckedValueChange={(_, d) => theme.choose((d.checkedItems[0] as ThemeChoice | undefined) ?? "system")}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="transparent" aria-label="Colours" icon={theme.dark ? <WeatherMoonRegular /> : <WeatherSunnyRegular />} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {choices.map((c) => (
            <MenuItemRadio key={c.value} name="theme" value={c.value}>
              {c.label}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function AccountMenu() {
  const session = useSession();
  const client = useQueryClient();
  const leave = async () => {
    await signOut().catch(() => undefined); // gone from here either way
    forgetKept();
    client.setQueryData(["session"], null);
    client.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
  };
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="transparent" aria-label={`Account: ${session.principal.name}`} icon={<PersonCircleRegular />}>
          <span className="topbar-name">{session.principal.name}</span>
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItem disabled>{session.version ? `Postern ${session.version}` : "Postern"}</MenuItem>
          <MenuDivider />
          <MenuItem icon={<SignOutRegular />} onClick={() => void leave()}>
            Sign out
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** TopBar has the service's name, the menu button of narrow windows, colours and account. */
export function TopBar({ onMenu }: { onMenu: () => void }) {
  const { service } = useSession();
  return (
    <header className="topbar">
      <Button className="topbar-menu" appearance="transparent" aria-label="Menu" icon={<NavigationRegular />} onClick={onMenu} />
      <Link href="/" className="topbar-home" aria-label="Postern, overview">
        <Logo />
        <span>Postern</span>
      </Link>
      <span className="topbar-service break">{service.name}</span>
      <span className="grow" />
      <ThemeMenu />
      <AccountMenu />
    </header>
  );
}
