import { useEffect, useRef } from "react";

/** Whether what is typed goes into a field, so that single keys are text. */
const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])") || target.closest("[role=dialog]") !== null);

/** Does something when a single key is pressed outside of fields and dialogs. `g b` is two keys in turn. */
export function useKey(key: string, act: () => void) {
  const now = useRef(act);
  now.current = act;
  useEffect(() => {
    let before = "";
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target)) return;
      const pressed = key.includes(" ") ? `${before} ${e.key}` : e.key;
      before = e.key;
      if (pressed !== key) return;
      e.preventDefault();
      now.current();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [key]);
}
