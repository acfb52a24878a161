import { MenuOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { Suspense, lazy, useEffect, useState } from "react";
import { onLoggedOut } from "../api/client";
import { TroubleBox } from "../ui/trouble";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { Keys } from "./keys";
import { useLive } from "./live";
import { Rail } from "./rail";
import { useMe, useStatus } from "./session";
import { Slow } from "./slow";
import type { Live } from "./stream";
import { words } from "./words";

// What is not needed to see the first page comes after it.
const Search = lazy(() => import("./search"));
const Menus = lazy(() => import("./usermenu"));

/** What is around every page: navigation, who leads, whether it is live, search, and who is logged in. */
export function Frame() {
  const me = useMe();
  const status = useStatus();
  useBackToLogin();
  // Which day today is depends on the zone: nothing is read before it is known.
  if (me.data && (status.data || status.error)) return <Inside />;
  return <main className="page">{me.error && <TroubleBox trouble={me.error} retry={() => void me.refetch()} />}</main>;
}

function Inside() {
  const t = useWords(words);
  const live = useLive();
  const path = useLocation().pathname;
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [path]);
  useOwnPasswordFirst(path);
  return (
    <div className="frame">
      <a className="skip" href="#page">
        {t("skip")}
      </a>
      <Rail open={open} />
      <header className="top">
        <Button className="menu" type="text" aria-label={t("menu")} aria-expanded={open} icon={<MenuOutlined />} onClick={() => setOpen(!open)} />
        <Suspense fallback={<span className="search" />}>
          <Search />
        </Suspense>
        <span className="grow" />
        <Cluster live={live} />
        <Suspense>
          <Menus />
        </Suspense>
      </header>
      <main className="page" id="page" tabIndex={-1}>
        {live === "stale" ? <Alert banner type="warning" title={t("stale")} className="trouble" /> : <Slow />}
        <Outlet />
      </main>
      <Keys />
    </div>
  );
}

function Cluster({ live }: { live: Live }) {
  const t = useWords(words);
  const { data } = useStatus();
  return (
    <>
      <span className="chip wide">{data?.leader ? t("leader", { node: data.leader }) : t("noLeader")}</span>
      <span className="chip wide">{t("zone", { zone: data?.zone ?? "UTC" })}</span>
      <span className={`chip live ${live}`}>{live === "live" ? t("live") : t("connecting")}</span>
    </>
  );
}

/** Who must choose a password may do nothing else before. */
function useOwnPasswordFirst(path: string) {
  const go = useGo();
  const must = useMe().data?.user.mustChange ?? false;
  useEffect(() => {
    if (must && path !== "/admin/me") go("/admin/me");
  }, [must, path, go]);
}

/** Sends who is not logged in, or not any more, to the login page, and from there back. */
function useBackToLogin() {
  const go = useGo();
  const queries = useQueryClient();
  useEffect(() => {
    onLoggedOut(() => {
      if (location.pathname === "/login") return;
      const to = location.pathname + location.search;
      queries.clear();
      go("/login", to === "/" || to === "/batches" ? {} : { to });
    });
  }, [go, queries]);
}
