/** Listeners of typed events. An error of a listener is reported as uncaught, and disturbs nothing else. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Call the listener at each event of this name. Returns a function that ends this. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of (this.#listeners.get(name) ?? []) as Iterable<(event: Events[Name]) => void>) {
      try {
        listener(event);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
