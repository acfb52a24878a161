import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { readTrouble } from "../api/client";
import { EventReader, type LiveEvent } from "./events";

export type Live = "connecting" | "live" | "stale";

const silent = 35_000; // the master sends something every 15 s
const flush = 1_000; // what has changed is read again once a second at most

/**
 * Follows what happens over one connection and has what is shown read again: the
 * first part of a query's key is the topic it depends on. Goes on behind the last
 * event after a break; a stream that is silent for too long counts as broken.
 */
export function useLive(): Live {
  const queries = useQueryClient();
  const [live, setLive] = useState<Live>("connecting");
  useEffect(() => {
    const stop = new AbortController();
    const changed = new Set<string>();
    const timer = setInterval(() => {
      if (document.hidden) return;
      for (const topic of changed) void queries.invalidateQueries({ queryKey: [topic] }, { cancelRefetch: false }); // a long read ends first
      changed.clear();
    }, flush);
    const tell = (e: LiveEvent) => {
      if (e.kind === "resync") for (const topic of ["batch", "operation", "host", "alert", "cluster"]) changed.add(topic);
      else changed.add(e.kind);
    };
    let broken = false;
    const say = (now: Live) => {
      if (now === "live" && broken) void queries.invalidateQueries(); // what failed meanwhile is read again, too
      broken = now === "stale";
      setLive(now);
    };
    void follow(stop.signal, tell, say);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [queries]);
  return live;
}

async function follow(stop: AbortSignal, tell: (e: LiveEvent) => void, say: (live: Live) => void) {
  let last = "";
  for (let wait = 1000; !stop.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      for await (const e of stream(stop, last, () => say("live"))) {
        wait = 1000;
        if (e.id !== "") last = e.id;
        tell(e);
      }
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof SessionEnded) return;
    }
    say("stale");
    await pause(wait, stop);
  }
}

class SessionEnded extends Error {}

async function* stream(stop: AbortSignal, last: string, opened: () => void): AsyncGenerator<LiveEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silent);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silent);
  };
  try {
    const response = await fetch("/api/v1/events", {
      headers: { Accept: "text/event-stream", ...(last === "" ? {} : { "Last-Event-ID": last }) },
      signal: AbortSignal.any([stop, silence.signal]),
    });
    if (response.status === 401) throw new SessionEnded();
    if (!response.ok || response.body === null) throw await readTrouble(response);
    opened();
    const reader = new EventReader();
    const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await text.read();
      if (done) return;
      alive();
      yield* reader.push(value);
    }
  } finally {
    clearTimeout(timer);
  }
}

function pause(millis: number, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}
