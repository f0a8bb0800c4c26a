/** Keeps the screen on. The browser releases the lock when the page is hidden; it is taken again when it is shown. */
export class WakeLock {
  #sentinel: WakeLockSentinel | null = null;
  #wanted = false;

  constructor(private readonly onChange: (held: boolean) => void) {}

  async hold(): Promise<void> {
    this.#wanted = true;
    document.addEventListener("visibilitychange", this.#onVisibility);
    await this.#request();
  }

  async release(): Promise<void> {
    this.#wanted = false;
    document.removeEventListener("visibilitychange", this.#onVisibility);
    await this.#sentinel?.release();
  }

  async #request(): Promise<void> {
    if (!("wakeLock" in navigator) || this.#sentinel !== null || document.visibilityState !== "visible") {
      return;
    }
    try {
      const sentinel = await navigator.wakeLock.request("screen");
      this.#sentinel = sentinel;
      sentinel.onrelease = () => {
        this.#sentinel = null;
        this.onChange(false);
      };
      this.onChange(true);
      if (!this.#isWanted()) {
        await sentinel.release();
      }
    } catch {
      this.onChange(false); // such as with a low battery: recording goes on without it
    }
  }

  #isWanted(): boolean {
    return this.#wanted;
  }

  readonly #onVisibility = (): void => {
    void this.#request();
  };
}
