import { useLocation } from "@tanstack/react-router";
import icon from "../icon.svg";
import { pages } from "../pages";
import { To } from "../ui/link";
import { useWords } from "../ui/words";
import { words } from "./words";

const entries = [
  ["/batches", "batches"],
  ["/batches/grid", "grid"],
  ["/tasks", "tasks"],
  ["/graph", "graph"],
  ["/operations", "operations"],
  ["/hosts", "hosts"],
  ["/alerts", "alerts"],
  ["/duty", "duty"],
  ["/reports", "reports"],
  ["/admin", "admin"],
] as const;

// Pages that are reached from an entry of another name.
const belongs = [
  ["/masters", "/hosts"],
  ["/services", "/hosts"],
  ["/worker-groups", "/hosts"],
  ["/incidents/", "/alerts"],
  ["/a/", "/alerts"],
] as const;

const known = new Set(pages.map((p) => p.path));

/** The navigation: on narrow screens it is opened by a button. */
export function Rail({ open }: { open: boolean }) {
  const t = useWords(words);
  const path = useLocation().pathname;
  const shown = entries.filter(([to]) => known.has(to));
  const at = belongs.find(([part]) => path.startsWith(part))?.[1] ?? path;
  const here = shown.map(([to]) => to).filter((to) => at === to || at.startsWith(`${to}/`)).sort((a, b) => b.length - a.length)[0];
  return (
    <nav className={open ? "rail open" : "rail"} aria-label={t("menu")}>
      <span className="brand">
        <img src={icon} alt="" /> capricornus
      </span>
      {shown.map(([to, name]) => (
        <To key={to} to={to} className={to === here ? "active" : ""}>
          {t(name)}
        </To>
      ))}
    </nav>
  );
}
