import type { Problem, Receipt, Token } from "./api.js";
import type { DeviceEvent } from "./microphone.js";
import type { StoredPiece } from "./store.js";

/**
 * `interrupted`: it should record and cannot. A lost microphone is opened again by itself; `blocked` needs a click.
 * `ended`: nothing more is recorded; pieces may still wait for their receipts. `finished`: the API has all, the browser
 * nothing. `refused`: the API takes no more audio; what it did not take is in the store until the app decides.
 */
export type RecorderState = "recording" | "interrupted" | "paused" | "ended" | "finished" | "refused";

export interface RecorderEvents {
  state: { readonly state: RecorderState; readonly reason: string | null };
  /** A piece is in the store of the browser. */
  piece: { readonly number: number; readonly seconds: number };
  /** A piece is in the store of the API and no longer in the browser's. `text` is what was recognised. */
  receipt: Receipt;
  /** The API refused a piece for good. Its audio stays in the store. */
  refused: { readonly number: number; readonly reason: string; readonly problem: Problem };
  /** `full`: the disk has no room, so audio is in memory alone. `failed`: another error. `working`: it is over. */
  storage: { readonly kind: "full" | "failed" | "working"; readonly error: unknown };
  device: DeviceEvent;
  /** Whether the API answers. */
  reachable: { readonly reachable: boolean };
  wakeLock: { readonly held: boolean };
}

export type Listeners = { readonly [Name in keyof RecorderEvents]?: (event: RecorderEvents[Name]) => void };

export interface RecorderOptions {
  /** The address of the API, with its version: `https://api.clinic.example/api/v1`. */
  readonly api: string;
  readonly sessionId: string;
  readonly token: Token;
  /** Listeners that miss no event. `on` adds others. */
  readonly on?: Listeners;
  /** Seconds of a piece: 2 to 55, 10 by default. A recording that is resumed keeps its own. */
  readonly pieceSeconds?: number;
  /** End the recording of another device of this session. */
  readonly takeOver?: boolean;
  /** By default the audio as it is: speech recognition does better without the browser's processing. */
  readonly constraints?: MediaTrackConstraints;
  /** Where `capture-processor.js` of this package is served, if not beside the other modules. */
  readonly processorUrl?: string | URL;
  /** Pieces that are sent at a time, 3 by default. */
  readonly parallel?: number;
}

/** A recording that is resumed knows its session. */
export type ResumeOptions = Omit<RecorderOptions, "sessionId" | "takeOver" | "pieceSeconds">;

export const DEFAULT_CONSTRAINTS: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

/** A recording that cannot be finished, because pieces have no receipt. They are in the store. */
export class NotFinished extends Error {
  override readonly name = "NotFinished";

  constructor(
    message: string,
    readonly unsent: readonly StoredPiece[],
  ) {
    super(message);
  }
}
