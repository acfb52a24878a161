import { useQueryClient } from "@tanstack/react-query";
import { type Api, api, body } from "../api/client";
import { useZone } from "../frame/session";
import { AskAct } from "../ui/askact";
import { type End, Until, endOf } from "../ui/until";
import { useWords } from "../ui/words";
import { load } from "./hoststate";
import { words } from "./words";

type Props = { host: Api["Host"]; said: (sentence: string) => void };

/** What can be done to a worker as it stands. */
export function Switches(props: Props) {
  const { host } = props;
  return (
    <span className="hosts-buttons">
      {host.stopped ? <On {...props} /> : <Off {...props} to="off" />}
      {!(host.stopped && host.draining) && <Off {...props} to="drain" />}
      {!host.alive && !host.deadAt && <Dead {...props} />}
    </span>
  );
}

function useAgain() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["host"] });
}

function On({ host, said }: Props) {
  const t = useWords(words);
  const again = useAgain();
  const act = async (v: { reason?: string }) => {
    const reply = await body(api.POST("/api/v1/hosts/{host}/on", { params: { path: { host: host.host } }, body: { reason: v.reason } }));
    said(reply.message);
    await again();
  };
  return (
    <AskAct action="host.switch" label={t("switchOn")} of={host.host} title={t("hostOn", { host: host.host })} reason="optional" act={act}>
      <p>{t("onText", { host: host.host })}</p>
    </AskAct>
  );
}

function Off({ host, said, to }: Props & { to: "off" | "drain" }) {
  const t = useWords(words);
  const zone = useZone();
  const again = useAgain();
  const label = to === "off" ? t("switchOff") : t("drain");
  const title = to === "off" ? t("hostOff", { host: host.host }) : t("hostDrain", { host: host.host });
  const act = async (v: End & { reason?: string }) => {
    const call = { params: { path: { host: host.host } }, body: { reason: v.reason, ...endOf(v, zone) } };
    const reply = await body(to === "off" ? api.POST("/api/v1/hosts/{host}/off", call) : api.POST("/api/v1/hosts/{host}/drain", call));
    said(reply.message);
    await again();
  };
  return (
    <AskAct<End> action="host.switch" label={label} of={host.host} title={title} danger reason="required" act={act}>
      <p>{t(to === "off" ? "offText" : "drainText", { host: host.host, n: load(host) })}</p>
      <Until />
    </AskAct>
  );
}

function Dead({ host, said }: Props) {
  const t = useWords(words);
  const again = useAgain();
  const title = t("hostDead", { host: host.host });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/hosts/{host}/dead", { params: { path: { host: host.host } }, body: { reason: v.reason ?? "" } });
    said(`${host.host}: ${t("dead")}`);
    await again();
  };
  return (
    <AskAct action="host.switch" label={t("declareDead")} of={host.host} title={title} danger button={{ danger: true }} phrase={host.host} phraseLabel={t("deadPhrase", { host: host.host })} reason="required" act={act}>
      <p>{t("deadText", { host: host.host, n: host.running })}</p>
      <p>{t("deadCheck")}</p>
    </AskAct>
  );
}
