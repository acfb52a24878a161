import type { ReactNode } from "react";
import { To } from "../ui/link";
import { useWords } from "../ui/words";
import "../ui/partsnav.css";
import "./hosts.css";
import { words } from "./words";

const parts = [["/hosts", "workers"], ["/masters", "masters"], ["/services", "services"], ["/worker-groups", "groups"]] as const;

/** The pages of what the cluster consists of, beside each other. */
export function Parts() {
  const t = useWords(words);
  return (
    <nav className="partsnav" aria-label={t("parts")}>
      {parts.map(([to, name]) => (
        <To key={to} to={to}>{t(name)}</To>
      ))}
    </nav>
  );
}

/** Facts of one thing: names with values; what has no value is left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.filter(([, value]) => value !== undefined && value !== "" && value !== null).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
