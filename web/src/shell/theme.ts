import { webDarkTheme, webLightTheme, type Theme } from "@fluentui/react-components";
import { createContext, useEffect, useMemo, useState } from "react";

export type ThemeChoice = "system" | "light" | "dark";

export interface ThemeState {
  choice: ThemeChoice;
  dark: boolean;
  fluent: Theme;
  choose: (choice: ThemeChoice) => void;
}

const storageKey = "postern.theme";

export const ThemeContext = createContext<ThemeState>({
  choice: "system",
  dark: false,
  fluent: webLightTheme,
  choose: () => undefined,
});

function stored(): ThemeChoice {
  const value = window.localStorage.getItem(storageKey);
  return value === "light" || value === "dark" ? value : "system";
}

/** useThemeState follows the system's colours unless the viewer chose. */
export function useThemeState(): ThemeState {
  const [choice, setChoice] = useState<ThemeChoice>(stored);
  const [systemDark, setSystemDark] = useState(() => window.matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    const changed = (e: MediaQueryListEvent) => setSystemDark(e.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  const dark = choice === "dark" || (choice === "system" && systemDark);
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  }, [dark]);
  return useMemo(
    () => ({
      choice,
      dark,
      fluent: dark ? webDarkTheme : webLightTheme,
      choose: (next: ThemeChoice) => {
        window.localStorage.setItem(storageKey, next);
        setChoice(next);
      },
    }),
    [choice, dark],
  );
}
