import type { ReactNode } from "react";
import type { Api } from "../api/client";
import { To } from "../ui/link";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./detailwords";
import type { Batch } from "./reads";
import { pageOf } from "./ref";

type Depend = Api["Depend"];

/** What the batch needs, and what it makes. */
export function Depends({ b }: { b: Batch }) {
  const t = useWords(words);
  const all = b.depends ?? [];
  const needs = all.filter((d) => d.kind !== "output").sort((x, y) => rank(x) - rank(y));
  return (
    <>
      <h2>{t("needs")}</h2>
      {needs.length === 0 ? <p className="faint">{t("needsNothing")}</p> : <Table label={t("needs")} rows={needs} waits />}
      <h2>{t("makes")}</h2>
      <Makes rows={all.filter((d) => d.kind === "output")} />
    </>
  );
}

const rank = (d: Depend) => ["unmet", "met"].indexOf(d.state) + (d.state === "not-applicable" ? 3 : 0);

function Makes({ rows }: { rows: Depend[] }) {
  const t = useWords(words);
  if (rows.length === 0) return <p className="faint">{t("makesNothing")}</p>;
  return <Table label={t("makes")} rows={rows} />;
}

function Table({ label, rows, waits }: { label: string; rows: Depend[]; waits?: boolean }) {
  const t = useWords(words);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t("kind")}</th>
            <th scope="col">{t("what")}</th>
            <th scope="col">{t("readyWhen")}</th>
            {waits && <><th scope="col">{t("state")}</th><th scope="col">{t("unmetSince")}</th></>}
            <th scope="col">{t("checked")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((d) => (
            <tr key={`${d.kind} ${d.what}`}>
              <td>{d.kind}</td>
              <td className="batches-wide">
                <What d={d} />
                {d.lastError && <div className="batches-error">{d.lastError}</div>}
              </td>
              <td>{d.ready ?? "–"}</td>
              {waits && <><td><Met d={d} /></td><td className="nowrap"><Time at={d.state === "unmet" ? d.unmetSince : undefined} /></td></>}
              <td className="nowrap"><Time at={d.lastCheckedAt} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function What({ d }: { d: Depend }): ReactNode {
  if (d.kind === "parent") return <To to={pageOf(d.what)}>{d.what}</To>;
  return <span className="mono">{d.what}</span>;
}

function Met({ d }: { d: Depend }) {
  const t = useWords(words);
  if (d.state === "not-applicable") return <span className="faint">{t("notApplicable")}</span>;
  const met = d.state === "met";
  return (
    <span className={`state state-${met ? "ok" : "waiting"}`}>
      <span aria-hidden="true" className="glyph">{met ? "✓" : "○"}</span>
      {met ? t("gateMet") : t("gateUnmet")}
    </span>
  );
}
