import { type Told, follow } from "./stream";

/** Where a page hears from a shared stream. */
export interface Listener {
  postMessage(told: Told): void;
}

type Follow = (stop: AbortSignal, tell: (told: Told) => void) => Promise<void>;

/** The pages of a browser that share one stream: it runs while there is one, and who comes later is told at once whether it stands. */
export class Audience {
  private readonly listeners = new Set<Listener>();
  private stop?: AbortController;
  private state: Told | undefined;

  constructor(private readonly start: Follow = follow) {}

  join(listener: Listener) {
    this.listeners.add(listener);
    if (this.stop) {
      if (this.state) listener.postMessage(this.state);
      return;
    }
    const stop = new AbortController();
    this.stop = stop;
    void this.start(stop.signal, (told) => {
      if (this.stop === stop) this.tell(told);
    });
  }

  leave(listener: Listener) {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) this.end();
  }

  private tell(told: Told) {
    if ("state" in told) this.state = told;
    for (const listener of this.listeners) listener.postMessage(told);
    if ("state" in told && told.state === "ended") this.end();
  }

  // Who listened still does when a page of the next session joins.
  private end() {
    this.stop?.abort();
    this.stop = undefined;
    this.state = undefined;
  }
}
