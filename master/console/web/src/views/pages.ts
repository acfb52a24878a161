import type { Page } from "../pages";

export const pages: Page[] = [
  { path: "/batches/grid", load: () => import("./grid") },
  { path: "/batches/gantt", load: () => import("./gantt") },
  { path: "/graph", load: () => import("./graph") },
];
