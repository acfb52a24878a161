import { Checkbox } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { AskAct } from "../ui/askact";
import { To } from "../ui/link";
import { Mark } from "../ui/mark";
import { usePagedList } from "../ui/pagedlist";
import { type Column, ListTable } from "../ui/table";
import { Time } from "../ui/time";
import { enc, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { NewToken } from "./newtoken";
import { Shell } from "./shell";
import { useDone } from "./usedone";
import { Whose, whoseOf } from "./whose";
import { words } from "./words";

type Token = Api["Token"];

export default function Tokens() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const [url, set] = useUrl();
  const [said, setSaid] = useState("");
  const filter = { ...whoseOf(url), revoked: url.revoked === "true" || undefined };
  const list = usePagedList<Token>(["token", "list", filter], (cursor, signal) => body(api.GET("/api/v1/tokens", { params: { query: { ...filter, cursor, limit: 100 } }, signal })));
  return (
    <Shell title={t("tokens")} actions={<NewToken />} said={said} forget={() => setSaid("")}>
      <div className="filters" role="search">
        <Whose />
        <Checkbox checked={url.revoked === "true"} onChange={(e) => set({ revoked: e.target.checked ? "true" : undefined })}>{own("withRevoked")}</Checkbox>
      </div>
      <ListTable label={t("tokens")} columns={useColumns(setSaid)} {...list} idOf={(k) => String(k.id)} empty={own("noTokens")} />
    </Shell>
  );
}

const isOver = (k: Token) => Boolean(k.revokedAt) || (k.expiresAt !== undefined && k.expiresAt > 0 && k.expiresAt < Date.now());

function TokenState({ token: k }: { token: Token }) {
  const t = useWords(accessWords);
  if (k.revokedAt) return <span className="pieces"><Mark glyph="■" colour="killed" word={t("revoked")} /><span className="faint">{k.revokedBy} <Time at={k.revokedAt} /></span></span>;
  return isOver(k) ? <Mark glyph="○" colour="waiting" word={t("expired")} /> : <Mark glyph="✓" colour="ok" word={t("good")} />;
}

function useColumns(said: (sentence: string) => void): Column<Token>[] {
  const t = useWords(words);
  const own = useWords(accessWords);
  return [
    { key: "name", title: own("token"), show: (k) => k.name },
    { key: "user", title: t("user"), show: (k) => <To to={`/admin/users/${enc(k.user)}`}>{k.user}</To> },
    { key: "state", title: t("state"), show: (k) => <TokenState token={k} /> },
    { key: "role", title: own("atMost"), show: (k) => (k.host ? `${k.role} (${k.host})` : k.role) },
    { key: "scopes", title: own("scopes"), show: (k) => k.scopes?.join(", ") || own("allScopes") },
    { key: "created", title: t("created"), className: "nowrap", show: (k) => <><Time at={k.createdAt} /> <span className="faint">{k.createdBy}</span></> },
    { key: "used", title: own("lastUsed"), className: "nowrap", show: (k) => (k.lastUsedAt ? <Time at={k.lastUsedAt} /> : own("notUsed")) },
    { key: "ends", title: own("expires"), className: "nowrap", show: (k) => (k.expiresAt ? <Time at={k.expiresAt} full /> : own("forEver")) },
    { key: "actions", title: t("actions"), show: (k) => !isOver(k) && <Revoke token={k} said={said} /> },
  ];
}

function Revoke({ token, said }: { token: Token; said: (sentence: string) => void }) {
  const t = useWords(words);
  const own = useWords(accessWords);
  const done = useDone(said, "token");
  const title = own("revokeToken", { name: token.name });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/tokens/{id}/revoke", { params: { path: { id: token.id } }, body: { reason: v.reason } });
    await done();
  };
  return (
    <AskAct action="self.manage" label={t("revoke")} of={token.name} title={title} danger reason="optional" act={act}>
      <p>{own("revokeTokenText")}</p>
    </AskAct>
  );
}
