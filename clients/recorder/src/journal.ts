import type { Clock } from "./time.js";
import { Cutter, type Piece, type Position } from "./cutter.js";
import type { Store, StoredRecording } from "./store.js";
import { lengthOf, SAMPLE_RATE } from "./wav.js";

/** Samples of the tail that may be in memory alone: what the end of the page's process can cost, with one write. */
const SAVED_EVERY = SAMPLE_RATE;
/** Samples that may be in memory alone while the store takes nothing: five minutes are 10 MB. */
export const LARGEST_UNSAVED = 300 * SAMPLE_RATE;
/** Milliseconds between two attempts after the store failed. */
const RETRIED_AFTER = 1000;

export interface JournalOptions {
  readonly store: Store;
  readonly recording: StoredRecording;
  readonly position: Position;
  readonly clock: Clock;
  /** These pieces are in the store now. */
  readonly onPieces: (pieces: readonly Piece[]) => void;
  /** A write failed, with so many samples in memory alone; null when one succeeds again. */
  readonly onFailure: (error: unknown, unsaved: number) => void;
}

/** Writes what is captured into the store: each piece at once, and the tail every second. One write at a time. */
export class Journal {
  readonly #cutter: Cutter;
  #recording: StoredRecording;
  #pieces: Piece[] = [];
  /** The samples of the tail that are in the store. */
  #saved: number;
  #cuts = 0;
  #last: Promise<void> = Promise.resolve();
  #writes = 0;
  #failedAt = -Infinity;

  constructor(private readonly options: JournalOptions) {
    this.#cutter = new Cutter(options.recording.pieceSeconds * SAMPLE_RATE, options.position);
    this.#recording = options.recording;
    this.#saved = options.position.tail.length;
  }

  get recording(): StoredRecording {
    return this.#recording;
  }

  /** All samples that were captured. */
  get samples(): number {
    return this.#cutter.samples;
  }

  append(samples: Int16Array<ArrayBuffer>): void {
    const now = this.options.clock.now();
    this.#take(this.#cutter.append(samples, now));
    const due = this.#pieces.length > 0 || this.#cutter.length - this.#saved >= SAVED_EVERY;
    if (due && this.#writes === 0 && now - this.#failedAt >= RETRIED_AFTER) {
      void this.save().catch(() => undefined);
    }
  }

  /** Audio without a break ended. */
  break(): void {
    this.#take(this.#cutter.break());
    void this.save().catch(() => undefined);
  }

  /** The recording ended: no audio follows. */
  end(): void {
    if (!this.#recording.ended) {
      this.#take(this.#cutter.end());
      this.#recording = { ...this.#recording, ended: true };
    }
  }

  /** Note why the API takes nothing more, or that it may again. */
  setRefused(reason: string | null): void {
    this.#recording = { ...this.#recording, refused: reason };
  }

  /** Resolves when everything that came before is in the store. Rejects with the error of IndexedDB. */
  async save(): Promise<void> {
    this.#writes += 1;
    const turn = this.#last.then(async () => this.#write());
    this.#last = turn.catch(() => undefined);
    return turn.finally(() => {
      this.#writes -= 1;
    });
  }

  #take(pieces: readonly Piece[]): void {
    if (pieces.length > 0) {
      this.#pieces.push(...pieces);
      this.#saved = 0;
      this.#cuts += 1;
    }
  }

  async #write(): Promise<void> {
    const [pieces, length, cuts] = [[...this.#pieces], this.#cutter.length, this.#cuts];
    const tail = this.#cutter.position(this.#saved);
    const recording = { ...this.#recording, number: tail.number, first: tail.first };
    try {
      await this.options.store.add({ recording, pieces, tail, saved: this.#saved });
    } catch (error) {
      this.#failedAt = this.options.clock.now();
      const unsaved = lengthOf(this.#pieces.map((piece) => piece.samples)) + this.#cutter.length - this.#saved;
      this.options.onFailure(error, unsaved);
      throw error;
    }
    this.#recording = { ...this.#recording, number: tail.number, first: tail.first };
    this.#pieces.splice(0, pieces.length);
    if (cuts === this.#cuts) {
      this.#saved = length;
    }
    if (this.#failedAt > -Infinity) {
      this.#failedAt = -Infinity;
      this.options.onFailure(null, 0);
    }
    this.options.onPieces(pieces);
  }
}
