import type { Api } from "../api/client";
import { useMe } from "../frame/session";
import { type Column, ListTable } from "../ui/table";
import { useLang, useWords } from "../ui/words";
import { accessWords } from "./accesswords";
import { usePermissions } from "./gate";
import { Shell } from "./shell";
import { words } from "./words";

type Permission = Api["Permission"];

/** How far a role may do it; below operator an own one is for what is one's own. */
function reach(p: Permission, role: string, roles: string[]): "everywhere" | "own" | "not" {
  const at = roles.indexOf(role);
  if (at < roles.indexOf(p.least) || !roles.includes(p.least)) return "not";
  return p.own && at < roles.indexOf("operator") ? "own" : "everywhere";
}

const marks = { everywhere: ["●", "everywhereMark"], own: ["○", "ownMark"], not: ["–", "notMark"] } as const;

export default function Permissions() {
  const t = useWords(words);
  const own = useWords(accessWords);
  const lang = useLang();
  const mine = useMe().data?.role;
  const permissions = usePermissions();
  const roles = permissions.data?.roles ?? [];
  const columns: Column<Permission>[] = [
    { key: "action", title: t("name"), className: "nowrap", show: (p) => <code>{p.action}</code> },
    { key: "what", title: own("what"), show: (p) => <div className="admin-text">{lang === "zh" ? p.textZh : p.text}</div> },
    ...roles.map((role): Column<Permission> => ({
      key: role,
      title: role === mine ? `${role} (${own("yours")})` : role,
      className: role === mine ? "admin-marks admin-mine" : "admin-marks",
      show: (p) => <Reach reach={reach(p, role, roles)} />,
    })),
    { key: "scope", title: own("scope"), show: (p) => <code>{p.scope}</code> },
  ];
  return (
    <Shell title={t("permissions")}>
      <p className="admin-text">{own("legend")}</p>
      <ListTable label={t("permissions")} columns={columns} rows={permissions.data?.items?.filter((p) => roles.includes(p.least))} idOf={(p) => p.action} trouble={permissions.error} retry={() => void permissions.refetch()} empty={own("noPermissions")} />
    </Shell>
  );
}

function Reach({ reach: far }: { reach: keyof typeof marks }) {
  const own = useWords(accessWords);
  const [glyph, word] = marks[far];
  return <span role="img" aria-label={own(word)} title={own(word)}>{glyph}</span>;
}
