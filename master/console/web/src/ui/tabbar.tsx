import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import "./tabbar.css";

type Props<Tab extends string> = { tabs: readonly { key: Tab; label: string }[]; at: Tab; choose: (tab: Tab) => void; label: string; children: ReactNode };

/** Parts of a page of which one is shown: the arrow keys go from one to the next, and on narrow screens they wrap. */
export function TabBar<Tab extends string>({ tabs, at, choose, label, children }: Props<Tab>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);

  function press(e: KeyboardEvent) {
    const here = tabs.findIndex((tab) => tab.key === at);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (to === undefined) return;
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    e.preventDefault();
    choose(next.key);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.key}"]`)?.focus();
  }

  return (
    <>
      <div ref={list} className="tabbar" role="tablist" aria-label={label} onKeyDown={press}>
        {tabs.map((tab) => (
          <button key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} data-tab={tab.key} aria-selected={tab.key === at} aria-controls={`${id}-panel`} tabIndex={tab.key === at ? 0 : -1} onClick={() => choose(tab.key)}>
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${at}`}>
        {children}
      </div>
    </>
  );
}
