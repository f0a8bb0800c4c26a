import { Refused, Unavailable } from "./api.js";
import type { Outcome } from "./uploads.js";

/** Conflicts of one piece alone. */
const OF_ONE_PIECE = new Set(["piece_differs", "session_paused"]);
/** Conflicts of what was captured too late, or is too much: what was captured before may still be taken. */
const OF_LATER_PIECES = new Set(["taken_over", "session_state", "recording_ended", "recording_full"]);
/** Statuses that concern the whole session: no consent or no access, no such session, a state that takes no audio. */
const OF_ALL = new Set([403, 404, 409, 410]);

/** What follows from an error that came instead of a piece's receipt. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refused) {
    return { kind: "refused", halts: endsRecording(error) && !OF_LATER_PIECES.has(error.reason) };
  }
  if (error instanceof Unavailable) {
    return { kind: "failed", after: error.retryAfter, forAll: [0, 401, 429, 503].includes(error.status) };
  }
  return { kind: "failed", after: 0, forAll: false };
}

/** True if the API would refuse whatever is recorded from now on. */
export function endsRecording(refused: Refused): boolean {
  return OF_ALL.has(refused.status) && !OF_ONE_PIECE.has(refused.reason);
}
