import type { Api } from "../api/client";

/** What a batch looks like: its state, or what became of it. */
export type Look = "waiting" | "held" | "assigned" | "running" | "ok" | "failed" | "killed" | "skipped";

type Standing = Pick<Api["Batch"], "state" | "finish" | "gate">;

const heldBy = new Set(["TASK_DISABLED", "BATCH_HELD", "DQ_GATE"]);

/** How a batch is shown. Being late is a badge of its own: see isLate. */
export function lookOf(b: Standing): Look {
  if (b.state === "done") {
    if (b.finish === "success") return "ok";
    if (b.finish === "skipped") return "skipped";
    return b.finish === "killed" ? "killed" : "failed";
  }
  if (b.state === "assigned" || b.state === "running") return b.state;
  return b.gate && heldBy.has(b.gate) ? "held" : "waiting";
}

export const isLate = (b: Pick<Api["Batch"], "dependTimeoutAt" | "outputTimeoutAt">) => Boolean(b.dependTimeoutAt || b.outputTimeoutAt);

/** Shape and colour both tell the state. */
export const glyphs: Record<Look | "late", string> = {
  waiting: "○", held: "❚❚", assigned: "◔", running: "▶", ok: "✓", failed: "✕", killed: "■", skipped: "↷", late: "⏰",
};

type Palette = Record<"waiting" | "assigned" | "running" | "ok" | "failed" | "late" | "held" | "killed", string>;

/** The colours of console.md §1.9, told apart in four kinds of sight (states.test.ts). */
export const palettes: Record<"light" | "dark", Palette> = {
  light: { waiting: "#7D858C", assigned: "#0C9FBB", running: "#246DF9", ok: "#0E814A", failed: "#CF2122", late: "#C18600", held: "#7012BA", killed: "#2A2C32" },
  dark: { waiting: "#717982", assigned: "#67E0FB", running: "#295CE0", ok: "#29A36F", failed: "#F03F3F", late: "#FCA43E", held: "#B385D7", killed: "#F2F2F3" },
};
