import { Suspense, lazy } from "react";
import { choiceOf, chosenKeys } from "./chosen";
import type { Column } from "./table";
import { useUrl } from "./url";

const ColumnMenu = lazy(() => import("./columnmenu"));

/** The columns of a list of which some are shown: `cols=` of the address says which, or what was chosen in this browser before. The first is always there. */
export function useColumnChoice<Row>(list: string, columns: Column<Row>[], usual: readonly string[]) {
  const [url, set] = useUrl();
  const kept = `capri.cols.${list}`;
  const optional = columns.slice(1);
  const keys = optional.map((c) => c.key);
  const chosen = chosenKeys(url.cols ?? localStorage.getItem(kept), keys, usual);
  const choose = (next: string[]) => {
    const choice = choiceOf(next, usual);
    if (choice === undefined) localStorage.removeItem(kept);
    else localStorage.setItem(kept, choice);
    set({ cols: choice });
  };
  const shown = [...columns.slice(0, 1), ...optional.filter((c) => chosen.includes(c.key))];
  return { shown, menu: <Suspense><ColumnMenu columns={optional.map(({ key, title }) => ({ key, title }))} chosen={chosen} choose={choose} usual={[...usual]} /></Suspense> };
}
