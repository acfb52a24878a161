import { createContext, useContext } from "react";

export type Mode = "light" | "dark";

const kept = "capri.mode";

/** The look that was chosen here before, or the system's. */
export function firstMode(): Mode {
  const chosen = localStorage.getItem(kept);
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

export function keepMode(mode: Mode) {
  localStorage.setItem(kept, mode);
}

export const ModeContext = createContext<Mode>("light");
export const useMode = () => useContext(ModeContext);
