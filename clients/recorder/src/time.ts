/** Milliseconds since 1970-01-01 (UTC). */
export interface Clock {
  now(): number;
}

/**
 * Wall-clock time that no change of the system's clock moves while audio is captured.
 *
 * It follows the monotonic clock of the page. `setForward` takes over a later wall clock: after the computer slept, the
 * monotonic clock of some systems is late. A wall clock that was set back is ignored.
 */
export class SteadyClock implements Clock {
  #offset: number;

  constructor(
    private readonly wall: () => number = () => Date.now(),
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.#offset = wall() - monotonic();
  }

  now(): number {
    return this.#offset + this.monotonic();
  }

  setForward(): void {
    this.#offset = Math.max(this.#offset, this.wall() - this.monotonic());
  }
}

/** Resolves after so many milliseconds. */
export async function passed(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}
