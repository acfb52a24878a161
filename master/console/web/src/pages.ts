import type { ComponentType } from "react";
import { pages as admin } from "./admin/pages";
import { pages as alerts } from "./alerts/pages";
import { pages as batches } from "./batches/pages";
import { pages as hosts } from "./hosts/pages";
import { pages as operations } from "./operations/pages";
import { pages as tasks } from "./tasks/pages";
import { pages as views } from "./views/pages";

/** A page inside the frame, loaded when it is first opened. */
export type Page = { path: string; load: () => Promise<{ default: ComponentType }> };

export const pages: Page[] = [...batches, ...views, ...tasks, ...operations, ...hosts, ...alerts, ...admin];
