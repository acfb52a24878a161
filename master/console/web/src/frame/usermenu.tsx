import { BulbOutlined, GlobalOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { api } from "../api/client";
import { useMode } from "../ui/look";
import { useGo } from "../ui/url";
import { useLang, useWords } from "../ui/words";
import { useMe } from "./session";
import { useSetLook } from "./setlook";
import { words } from "./words";

/** What is at the right end of the top: language, look, and who is logged in. */
export default function Menus() {
  return (
    <>
      <LookMenu />
      <UserMenu />
    </>
  );
}

function LookMenu() {
  const t = useWords(words);
  const lang = useLang();
  const mode = useMode();
  const { setLang, setMode } = useSetLook();
  return (
    <>
      <Button type="text" icon={<GlobalOutlined />} aria-label={t("language")} onClick={() => setLang(lang === "en" ? "zh" : "en")}>
        <span className="wide">{lang === "en" ? "中" : "EN"}</span>
      </Button>
      <Button type="text" icon={<BulbOutlined />} aria-label={`${t("theme")}: ${t(mode)}`} onClick={() => setMode(mode === "light" ? "dark" : "light")} />
    </>
  );
}

function UserMenu() {
  const t = useWords(words);
  const { data } = useMe();
  const go = useGo();
  async function logout() {
    await api.POST("/api/v1/logout").catch(() => undefined);
    location.assign("/login");
  }
  const items = [
    { key: "role", label: `${data?.user.title ?? data?.user.name ?? ""} · ${data?.role ?? ""}`, disabled: true },
    { key: "me", label: t("myAccount"), onClick: () => go("/admin/me") },
    { key: "logout", label: t("logout"), onClick: () => void logout() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button type="text" icon={<UserOutlined />} aria-label={data?.user.name ?? ""}>
        <span className="wide">{data?.user.name}</span>
      </Button>
    </Dropdown>
  );
}
