import { Refused, Unavailable } from "./api.js";
import type { Outcome } from "./uploads.js";

/** Codes of conflicts that concern one piece; the others of the recording may be taken. */
const OF_ONE_PIECE = new Set(["piece_differs", "session_paused", "taken_over"]);
/** Statuses that concern the whole session: no consent or no access, no such session, a state that takes no audio. */
const OF_ALL = new Set([403, 404, 409, 410]);

/** What follows from an error that came instead of a piece's receipt. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refused) {
    return { kind: "refused", halts: OF_ALL.has(error.status) && !OF_ONE_PIECE.has(error.reason) };
  }
  if (error instanceof Unavailable) {
    return { kind: "failed", after: error.retryAfter, forAll: [0, 401, 429, 503].includes(error.status) };
  }
  return { kind: "failed", after: 0, forAll: false };
}
