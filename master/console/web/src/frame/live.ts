import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Live, type Told, follow } from "./stream";

const flush = 1_000; // what has changed is read again once a second at most

/**
 * Follows what happens and has what is shown read again: the first part of a
 * query's key is the topic it depends on. All pages of a browser share one
 * connection, where the browser can.
 */
export function useLive(): Live {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>("connecting");
  useEffect(() => {
    const changed = new Set<string>();
    const timer = setInterval(() => {
      if (document.hidden) return;
      for (const topic of changed) void queries.invalidateQueries({ queryKey: [topic] }, { cancelRefetch: false }); // a long read ends first
      changed.clear();
    }, flush);
    let broken = false;
    const hear = (told: Told) => {
      if ("event" in told) {
        for (const topic of topicsOf(told.event.kind)) changed.add(topic);
        return;
      }
      if (told.state === "ended") return void queries.invalidateQueries({ queryKey: ["me"] }); // which leads to the login
      if (told.state === "live" && broken) void queries.invalidateQueries(); // what failed meanwhile is read again, too
      broken = told.state === "stale";
      setLive(told.state);
    };
    const leave = listen(hear);
    return () => {
      leave();
      clearInterval(timer);
    };
  }, [queries]);
  return live;
}

const topics = ["batch", "operation", "host", "alert", "duty", "cluster"];

/** What is shown of an event: everything may have changed where events were missed, and incidents are shown with alerts. */
function topicsOf(kind: string): string[] {
  if (kind === "resync") return topics;
  return [kind === "incident" ? "alert" : kind];
}

/** Hears from the stream that the pages of this browser share, or from one of its own where they cannot; what it returns ends that. */
function listen(hear: (told: Told) => void): () => void {
  if (typeof SharedWorker === "undefined") return alone(hear);
  const worker = new SharedWorker(new URL("./live.worker.ts", import.meta.url), { type: "module", name: "capri live" });
  const join = () => worker.port.postMessage("join");
  const leave = () => worker.port.postMessage("leave");
  let end = leave;
  worker.onerror = () => {
    end = alone(hear);
  };
  worker.port.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  join();
  const gone = new AbortController();
  window.addEventListener("pagehide", leave, { signal: gone.signal });
  window.addEventListener("pageshow", (e) => e.persisted && join(), { signal: gone.signal });
  return () => {
    gone.abort();
    end();
    worker.port.close();
  };
}

function alone(hear: (told: Told) => void): () => void {
  const stop = new AbortController();
  void follow(stop.signal, hear);
  return () => stop.abort();
}
