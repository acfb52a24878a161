/** Does one wish at a time; of those that come meanwhile only the newest is done, as when a bar is dragged. */
export class Newest<Wish> {
  private next?: { wish: Wish };
  private busy = false;

  constructor(private readonly work: (wish: Wish) => Promise<unknown>) {}

  /** Whether a newer wish waits for the one that is being done. */
  get overtaken() {
    return this.next !== undefined;
  }

  async want(wish: Wish): Promise<void> {
    this.next = { wish };
    if (this.busy) return;
    this.busy = true;
    try {
      for (let now = this.take(); now; now = this.take()) await this.work(now.wish);
    } finally {
      this.busy = false;
    }
  }

  private take() {
    const now = this.next;
    this.next = undefined;
    return now;
  }
}
