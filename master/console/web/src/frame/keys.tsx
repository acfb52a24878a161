import { Suspense, lazy, useState } from "react";
import { useKey } from "../ui/keys";
import { useGo } from "../ui/url";

const KeyList = lazy(() => import("./keylist"));

/** The keys of every page; ? lists them. */
export function Keys() {
  const go = useGo();
  const [open, setOpen] = useState(false);
  useKey("?", () => setOpen(true));
  useKey("g b", () => go("/batches"));
  useKey("g t", () => go("/tasks"));
  useKey("g w", () => go("/hosts"));
  useKey("g o", () => go("/operations"));
  return <Suspense>{open && <KeyList close={() => setOpen(false)} />}</Suspense>;
}
