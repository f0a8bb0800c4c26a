import { Refused, Unavailable, type Api, type LiveRecording } from "./api.js";
import { backoff } from "./backoff.js";
import { passed } from "./time.js";

/** Why the API takes no more audio of a recording; null if it does. Raises Unavailable if it does not answer. */
export async function refusalOf(api: Api, recordingId: string): Promise<string | null> {
  try {
    const live = await api.find(recordingId);
    return live?.state === "open" || live?.state === "ended" ? null : (live?.state ?? "not-found");
  } catch (error) {
    if (error instanceof Refused) {
      return error.reason;
    }
    throw error;
  }
}

/** Whether the API says that it has all pieces up to the last one. Waits for an answer. */
export async function isComplete(api: Api, recordingId: string, last: number): Promise<boolean> {
  const live = last > 0 ? await find(api, recordingId) : null;
  return last === 0 || (live?.last_piece === last && live.missing.length === 0);
}

async function find(api: Api, recordingId: string): Promise<LiveRecording | null> {
  for (let failures = 1; ; failures++) {
    try {
      return await api.find(recordingId);
    } catch (error) {
      if (!(error instanceof Unavailable)) {
        throw error;
      }
      await passed(Math.max(error.retryAfter, backoff(failures, Math.random)));
    }
  }
}
