/** Milliseconds: a page that is reloaded gives its lock up within this. */
const GIVEN_UP_WITHIN = 3000;

/** Another tab of this browser runs the recorder. */
export class RunsElsewhere extends Error {
  override readonly name = "RunsElsewhere";
}

/**
 * Make this page the only one that runs a recorder. Returns a function that ends this; the end of the page does, too.
 * Raises RunsElsewhere if another page runs it.
 */
export async function takeLock(recorderId: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = new Promise<void>((release) => {
      const signal = AbortSignal.timeout(GIVEN_UP_WITHIN);
      const request = navigator.locks.request(`synapseai-recorder/${recorderId}`, { signal }, async () => {
        resolve(release);
        return held;
      });
      request.catch(() => {
        reject(new RunsElsewhere("Another tab records this session."));
      });
    });
  });
}
