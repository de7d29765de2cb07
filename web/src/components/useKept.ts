import { useEffect, useState, type Dispatch, type SetStateAction } from "react";

const kept = new Map<string, unknown>();

/** forgetKept drops what pages kept, when one signs out. */
export function forgetKept(): void {
  kept.clear();
}

/**
 * useKept is useState for what is entered and not saved yet: it is still there when one comes back to the page, or signs in
 * again after the session ended. It lives in this tab's memory only.
 */
export function useKept<T>(key: string, initial: T): [T, Dispatch<SetStateAction<T>>] {
  const [value, setValue] = useState<T>(() => (kept.has(key) ? (kept.get(key) as T) : initial));
  useEffect(() => {
    kept.set(key, value);
  }, [key, value]);
  return [value, setValue];
}
