import type { Page } from "../pages";

export const pages: Page[] = [{ path: "/batches", load: () => import("./list") }];
