import { EventReader, type LiveEvent } from "./events";
import { pause } from "../ui/pause";

export type Live = "connecting" | "live" | "stale";

/** Told what a stream of events brings: an event, or that it stands, broke or may not be read any more. */
export type Told = { event: LiveEvent } | { state: "live" | "stale" | "ended" };

const silent = 35_000; // the master sends something every 15 s

/** Follows what happens until it is stopped or the session ends. Goes on behind the last event after a break; a stream that is silent for too long counts as broken. */
export async function follow(stop: AbortSignal, tell: (told: Told) => void): Promise<void> {
  let last = "";
  for (let wait = 1000; !stop.aborted; wait = Math.min(wait * 2, 15_000)) {
    try {
      for await (const event of stream(stop, last, () => tell({ state: "live" }))) {
        wait = 1000;
        if (event.id !== "") last = event.id;
        tell({ event });
      }
    } catch (error) {
      if (stop.aborted) return;
      if (error instanceof SessionEnded) return tell({ state: "ended" });
    }
    if (stop.aborted) return;
    tell({ state: "stale" });
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
    if (!response.ok || response.body === null) throw new Error(`the events are not sent: ${response.status}`);
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
