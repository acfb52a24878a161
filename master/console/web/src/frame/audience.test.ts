import { expect, it } from "vitest";
import { Audience } from "./audience";
import type { Told } from "./stream";

/** An audience, and what its streams are told to say. */
function hall() {
  const streams: { stop: AbortSignal; tell: (told: Told) => void }[] = [];
  const audience = new Audience(async (stop, tell) => void streams.push({ stop, tell }));
  const page = () => {
    const heard: Told[] = [];
    return { heard, postMessage: (told: Told) => void heard.push(told) };
  };
  return { audience, streams, page };
}

const live: Told = { state: "live" };
const news: Told = { event: { kind: "batch", id: "7", data: {} } };

it("reads one stream for all pages, and tells who comes later that it stands", () => {
  const { audience, streams, page } = hall();
  const [first, second] = [page(), page()];
  audience.join(first);
  streams[0]?.tell(live);
  audience.join(second);
  streams[0]?.tell(news);
  expect(streams).toHaveLength(1);
  expect([first.heard, second.heard]).toEqual([[live, news], [live, news]]);
});

it("stops with the last page, and not before", () => {
  const { audience, streams, page } = hall();
  const [first, second] = [page(), page()];
  audience.join(first);
  audience.join(second);
  audience.leave(first);
  expect(streams[0]?.stop.aborted).toBe(false);
  audience.leave(second);
  expect(streams[0]?.stop.aborted).toBe(true);
});

it("begins anew for everybody when somebody joins after the end of a session", () => {
  const { audience, streams, page } = hall();
  const [old, fresh] = [page(), page()];
  audience.join(old);
  streams[0]?.tell({ state: "ended" });
  audience.join(fresh);
  streams[1]?.tell(live);
  streams[0]?.tell(news); // is of the past
  expect(old.heard).toEqual([{ state: "ended" }, live]);
  expect(fresh.heard).toEqual([live]);
});
