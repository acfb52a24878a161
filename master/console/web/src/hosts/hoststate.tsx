import type { ComponentProps } from "react";
import type { Api } from "../api/client";
import { Mark } from "../ui/mark";
import { Time } from "../ui/time";
import { useWords } from "../ui/words";
import { words } from "./words";

type Host = Api["Host"];
type Standing = "on" | "off" | "groupOff" | "draining" | "drained" | "silent" | "dead" | "unknown";

/** What counts on a worker: started or promised to it. */
export const load = (h: Host) => h.running + h.assigned;

/** How the switch of a worker stands. */
export function position(h: Host): Standing {
  if (h.stopped && h.draining) return load(h) === 0 ? "drained" : "draining";
  if (h.stopped) return "off";
  return h.groupOff ? "groupOff" : "on";
}

/** Whether a worker is there at all; one that is silent may come back, one that is declared dead is said not to. */
function presence(h: Host): Standing | undefined {
  if (h.alive) return undefined;
  if (h.deadAt) return "dead";
  return h.lastCheckAt ? "silent" : "unknown";
}

const looks: Record<Standing, [glyph: string, colour: ComponentProps<typeof Mark>["colour"]]> = {
  on: ["✓", "ok"], off: ["❚❚", "held"], groupOff: ["❚❚", "held"], draining: ["◔", "assigned"], drained: ["❚❚", "held"], silent: ["✕", "failed"], dead: ["■", "killed"], unknown: ["○", "waiting"],
};

/** The state of a worker by glyph, word and colour. */
export function HostTag({ host }: { host: Host }) {
  const there = presence(host);
  const switched = position(host);
  return (
    <span className="hosts-tags">
      {there && <Tag standing={there} />}
      {(!there || switched !== "on") && <Tag standing={switched} />}
    </span>
  );
}

function Tag({ standing }: { standing: Standing }) {
  const t = useWords(words);
  const [glyph, colour] = looks[standing];
  return <Mark glyph={glyph} colour={colour} word={t(standing)} />;
}

/** Why a worker is dead or off, who has done it, since when and until when. */
export function HostReason({ host: h }: { host: Host }) {
  const t = useWords(words);
  if (h.deadAt) return <Said reason={h.deadReason} by={h.deadBy} since={h.deadAt} />;
  if (h.stopped) return <Said reason={h.stopReason} by={h.stopBy} since={h.stopAt} until={h.stopUntil} inDatabase={!h.stopBy} />;
  if (h.groupOff) return <>{t("theGroupIsOff", { group: h.group })}</>;
  return <span className="faint">–</span>;
}

function Said(p: { reason?: string; by?: string; since?: number; until?: number; inDatabase?: boolean }) {
  const t = useWords(words);
  return (
    <span className="pieces hosts-reason">
      <span>{p.reason || t("noReason")}</span>
      <span className="faint">
        {p.by && t("by", { who: p.by })} {p.inDatabase && t("byDatabase")} {p.since ? <>{t("since")} <Time at={p.since} /></> : null} {p.until ? <>{t("until")} <Time at={p.until} /></> : null}
      </span>
    </span>
  );
}
