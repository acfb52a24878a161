import { Segmented } from "antd";
import { useMay } from "../frame/session";
import { FilterText } from "../ui/filtertext";
import { type Search, useUrl } from "../ui/url";
import { useWords } from "../ui/words";
import { accessWords } from "./accesswords";

/** Which of tokens or sessions the address asks for: one's own, those of a user, or all. */
export function whoseOf(url: Search): { user?: string; all?: boolean } {
  if (url.user) return { user: url.user };
  return url.whose === "all" ? { all: true } : {};
}

/** Chooses whose are shown; who may see only the own ones is told so. */
export function Whose() {
  const t = useWords(accessWords);
  const [url, set] = useUrl();
  if (!useMay()("user.manage")) return <span className="faint">{t("othersRefused")}</span>;
  return (
    <>
      <Segmented
        aria-label={t("whose")}
        value={url.user ? "" : (url.whose ?? "mine")}
        onChange={(whose) => set({ whose: whose === "all" ? "all" : undefined, user: undefined })}
        options={[{ value: "mine", label: t("mine") }, { value: "all", label: t("everybodys") }]}
      />
      <FilterText name="user" label={t("ofUser")} width={180} />
    </>
  );
}
