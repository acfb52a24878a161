import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { Broken } from "./frame/broken";
import { Frame } from "./frame/frame";
import { pages } from "./pages";
import type { Search } from "./ui/url";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  validateSearch: (search: Record<string, unknown>) => search as Search,
});

const login = createRoute({ getParentRoute: () => root, path: "/login", component: lazyRouteComponent(() => import("./frame/login")) });
const framed = createRoute({ getParentRoute: () => root, id: "framed", component: Frame });
const home = createRoute({
  getParentRoute: () => framed,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/batches" as string });
  },
});

const inFrame = pages.map((page) =>
  createRoute({ getParentRoute: () => framed, path: page.path, component: lazyRouteComponent(page.load) }),
);

const noPage = createRoute({ getParentRoute: () => framed, path: "$", component: lazyRouteComponent(() => import("./frame/notfound")) });

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([login, framed.addChildren([home, ...inFrame, noPage])]),
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    scrollRestoration: true,
  });
}

/** Search parameters are plain text: what a person would type and read. */
function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value !== undefined && value !== "") out.set(name, String(value));
  const text = out.toString();
  return text === "" ? "" : `?${text}`;
}
