import { backoff } from "./backoff.js";
import type { Clock } from "./time.js";

/** How a piece was answered. */
export type Outcome =
  | { readonly kind: "received" }
  /** Refused for good. With `halts`, every other piece would be, too. */
  | { readonly kind: "refused"; readonly halts: boolean }
  /** To be sent again, after `after` milliseconds at the earliest. With `forAll`, no other piece would fare better. */
  | { readonly kind: "failed"; readonly after: number; readonly forAll: boolean };

/** Calls a function after a number of milliseconds. Returns a function that cancels this. */
export type Timer = (call: () => void, delay: number) => () => void;

export interface UploadOptions {
  /** Sends a piece. It never throws. */
  readonly send: (number: number) => Promise<Outcome>;
  readonly clock?: Clock;
  readonly timer?: Timer;
  readonly random?: () => number;
  /** The largest number of pieces that are sent at a time. */
  readonly parallel?: number;
}

interface Waiting {
  failures: number;
  notBefore: number;
}

/** Sends pieces, those with low numbers first, and again after failures until each is received or refused. */
export class Uploads {
  readonly #options: Required<UploadOptions>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sending = new Set<number>();
  #failures = 0;
  #notBefore = 0;
  #cancelTimer = (): void => undefined;
  #halted = false;
  #idle: (() => void)[] = [];

  constructor(options: UploadOptions) {
    this.#options = { clock: performance, timer: browserTimer, random: Math.random, parallel: 3, ...options };
  }

  /** The pieces that are neither received nor refused. */
  get open(): number {
    return this.#waiting.size + this.#sending.size;
  }

  add(number: number): void {
    if (!this.#sending.has(number) && !this.#waiting.has(number)) {
      this.#waiting.set(number, { failures: 0, notBefore: 0 });
      this.poke();
    }
  }

  /** Send now what waits after a failure: the network is back. */
  retryNow(): void {
    this.#notBefore = 0;
    for (const waiting of this.#waiting.values()) {
      waiting.notBefore = 0;
    }
    this.poke();
  }

  /** Send nothing more. What is being sent is awaited. */
  halt(): void {
    this.#halted = true;
    this.#cancelTimer();
    this.#settle();
  }

  /** Resolves when each piece is received or refused, or after a halt. */
  async idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      this.#settle();
    });
  }

  /** Send what is due. Timers do this too; but browsers slow the timers of pages in the background down. */
  poke(): void {
    if (this.#halted) {
      return;
    }
    const now = this.#options.clock.now();
    // After a failure that concerns all, one piece finds out whether it is over.
    const limit = this.#failures > 0 ? 1 : this.#options.parallel;
    while (now >= this.#notBefore && this.#sending.size < limit) {
      const next = this.#next(now);
      if (next === null) {
        break;
      }
      void this.#send(next);
    }
    this.#wakeAgain(now);
  }

  #next(now: number): number | null {
    const due = [...this.#waiting].filter(([, waiting]) => waiting.notBefore <= now).map(([number]) => number);
    return due.length > 0 ? Math.min(...due) : null;
  }

  #wakeAgain(now: number): void {
    this.#cancelTimer();
    const times = [...this.#waiting.values()].map((waiting) => Math.max(waiting.notBefore, this.#notBefore));
    const next = Math.min(...times.filter((time) => time > now));
    if (next < Infinity) {
      this.#cancelTimer = this.#options.timer(() => {
        this.poke();
      }, next - now);
    }
  }

  async #send(number: number): Promise<void> {
    const failures = this.#waiting.get(number)?.failures ?? 0;
    this.#waiting.delete(number);
    this.#sending.add(number);
    const outcome = await this.#options.send(number);
    this.#sending.delete(number);
    if (outcome.kind === "failed") {
      this.#wait(number, failures + 1, outcome);
    } else if (outcome.kind === "refused" && outcome.halts) {
      this.halt();
    } else {
      this.#failures = 0;
    }
    this.poke();
    this.#settle();
  }

  #wait(number: number, failures: number, outcome: { after: number; forAll: boolean }): void {
    const now = this.#options.clock.now();
    if (!outcome.forAll) {
      const delay = Math.max(outcome.after, backoff(failures, this.#options.random));
      this.#waiting.set(number, { failures, notBefore: now + delay });
      return;
    }
    this.#failures += 1;
    this.#waiting.set(number, { failures, notBefore: 0 });
    const delay = Math.max(outcome.after, backoff(this.#failures, this.#options.random));
    this.#notBefore = Math.max(this.#notBefore, now + delay);
  }

  #settle(): void {
    if (this.#sending.size === 0 && (this.#halted || this.#waiting.size === 0)) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}

function browserTimer(call: () => void, delay: number): () => void {
  const id = setTimeout(call, delay);
  return () => {
    clearTimeout(id);
  };
}
