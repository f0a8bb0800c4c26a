import { Refused, Unavailable, type Api, type Receipt } from "./api.js";
import { milliseconds } from "./cutter.js";
import { outcomeOf } from "./refusals.js";
import type { Store, StoredPiece } from "./store.js";
import { Uploads, type Outcome } from "./uploads.js";
import { wavOf } from "./wav.js";

export interface SenderOptions {
  readonly store: Store;
  readonly api: Api;
  readonly recordingId: string;
  readonly parallel: number;
  readonly onReceipt: (receipt: Receipt) => void;
  /** The API refused a piece for good. */
  readonly onRefused: (piece: StoredPiece, refused: Refused) => void;
  /** Whether the API answers, whenever that changes. */
  readonly onReachable: (reachable: boolean) => void;
}

/** Sends the pieces of the store. A piece leaves the store only with a receipt of exactly what was sent. */
export class Sender {
  #uploads: Uploads;
  readonly #pieces = new Map<number, StoredPiece>();
  #reachable = true;

  constructor(private readonly options: SenderOptions) {
    this.#uploads = this.#newUploads();
  }

  /** The pieces that are neither received nor refused. */
  get open(): number {
    return this.#uploads.open;
  }

  add(piece: StoredPiece): void {
    this.#pieces.set(piece.number, piece);
    this.#uploads.add(piece.number);
  }

  /** Resolves when each piece has its receipt or was refused, or after a halt. */
  async idle(): Promise<void> {
    return this.#uploads.idle();
  }

  /** Send nothing more. Resolves when nothing is being sent. */
  async halt(): Promise<void> {
    this.#uploads.halt();
    await this.#uploads.idle();
  }

  /** Send everything in the store, also what was refused. */
  async restart(): Promise<void> {
    await this.halt();
    this.#uploads = this.#newUploads();
    for (const piece of await this.options.store.pieces()) {
      this.add({ ...piece, refused: null });
    }
  }

  poke(): void {
    this.#uploads.poke();
  }

  retryNow(): void {
    this.#uploads.retryNow();
  }

  #newUploads(): Uploads {
    return new Uploads({ send: async (number) => this.#send(number), parallel: this.options.parallel });
  }

  async #send(number: number): Promise<Outcome> {
    const piece = this.#pieces.get(number);
    if (piece === undefined) {
      return { kind: "received" };
    }
    try {
      const receipt = await this.#receipt(piece);
      await this.options.store.delete(number);
      this.#pieces.delete(number);
      this.#setReachable(true);
      this.options.onReceipt(receipt);
      return { kind: "received" };
    } catch (error) {
      this.#setReachable(!(error instanceof Unavailable));
      return this.#failed(piece, error);
    }
  }

  async #failed(piece: StoredPiece, error: unknown): Promise<Outcome> {
    const outcome = outcomeOf(error);
    if (outcome.kind !== "refused" || !(error instanceof Refused)) {
      return outcome;
    }
    // Stored, so that it is not sent again after a reload. If that fails it is sent again, and refused again.
    await this.options.store.putPiece({ ...piece, refused: error.reason }).catch(() => undefined);
    this.options.onRefused(piece, error);
    return outcome;
  }

  async #receipt(piece: StoredPiece): Promise<Receipt> {
    const body = wavOf([await this.options.store.audio(piece)]);
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
    const { number, capturedAt, ends } = piece;
    const { recordingId } = this.options;
    const startMs = milliseconds(piece.first);
    const receipt = await this.options.api.send({ recordingId, number, startMs, capturedAt, ends, body, sha256 });
    const expected = [recordingId, number, body.length, hexadecimal(sha256)];
    const actual = [receipt.recording_id, receipt.number, receipt.size_bytes, receipt.sha256];
    if (expected.some((value, index) => value !== actual[index])) {
      throw new Refused(200, { code: "receipt_differs", detail: "The receipt is not that of the piece that was sent." });
    }
    return receipt;
  }

  #setReachable(reachable: boolean): void {
    if (reachable !== this.#reachable) {
      this.#reachable = reachable;
      this.options.onReachable(reachable);
    }
  }
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
