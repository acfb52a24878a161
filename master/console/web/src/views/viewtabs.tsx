import { Link, useLocation } from "@tanstack/react-router";
import { useWords } from "../ui/words";
import { words } from "./words";

const views = [["/batches", "list"], ["/batches/grid", "grid"], ["/batches/gantt", "gantt"]] as const;

/** Links between the ways to see batches. */
export function ViewTabs() {
  const t = useWords(words);
  const path = useLocation().pathname;
  return (
    <nav className="views-tabs" aria-label={t("views")}>
      {views.map(([to, name]) => (path === to ? <span key={to} aria-current="page">{t(name)}</span> : <Link key={to} to={to as never} activeOptions={{ exact: true }}>{t(name)}</Link>))}
    </nav>
  );
}
