import { joined, lengthOf, SAMPLE_RATE } from "./wav.js";

/** `pause`: nothing followed without a break. `recording`: it is the last piece. */
export type Ends = "pause" | "recording";

/** A piece as it is cut, before it is stored. */
export interface Piece {
  readonly number: number;
  /** The samples that this recorder captured before the piece. */
  readonly first: number;
  /** The wall-clock time of its first sample, in milliseconds. */
  readonly capturedAt: number;
  readonly ends: Ends | null;
  readonly samples: Int16Array<ArrayBuffer>;
}

/** What a cutter continues from. */
export interface Position {
  /** The number of the next piece. */
  readonly number: number;
  /** The samples before the tail. */
  readonly first: number;
  readonly capturedAt: number;
  readonly tail: Int16Array<ArrayBuffer>;
}

export const BEGINNING: Position = { number: 1, first: 0, capturedAt: 0, tail: new Int16Array(0) };

const PER_MS = SAMPLE_RATE / 1000;
/** Kept back from each piece but the last one: the API learns the end from a piece, so one must be left to send. */
export const KEPT_BACK = 20 * PER_MS;
/** The longest piece that the API takes. */
const LONGEST = 55 * SAMPLE_RATE;

/**
 * Cuts captured samples into pieces. Each sample is in exactly one piece; each piece begins where the one before ended.
 *
 * What is not yet a piece is the tail. Audio without a break is cut every `pieceSamples`; at a break all but the last
 * 20 ms become a piece, and these with the next audio or at the end.
 */
export class Cutter {
  #number: number;
  #first: number;
  #capturedAt: number;
  #parts: Int16Array<ArrayBuffer>[];
  #length: number;
  #broken = true;
  /** The time of the piece before. Times never go back, also where the clock was set back before a reload. */
  #notBefore: number;
  /** When the last sample came. */
  #arrived: number;

  constructor(
    private readonly pieceSamples: number,
    from: Position,
  ) {
    this.#number = from.number;
    this.#first = from.first;
    this.#capturedAt = from.capturedAt;
    this.#notBefore = from.capturedAt;
    this.#arrived = from.capturedAt + from.tail.length / PER_MS;
    this.#parts = from.tail.length > 0 ? [from.tail] : [];
    this.#length = from.tail.length;
  }

  /** Where it is, with the samples of the tail from the given one on. */
  position(from = 0): Position {
    const tail = joined(this.#parts).slice(from);
    return { number: this.#number, first: this.#first, capturedAt: this.#capturedAt, tail };
  }

  /** The samples of the tail. */
  get length(): number {
    return this.#length;
  }

  /** All samples that came. */
  get samples(): number {
    return this.#first + this.#length;
  }

  /**
   * Add samples that came at `arrived`, in milliseconds. Returns the pieces that they complete.
   *
   * Samples may come late when the page is busy, but never early. So the tail began at the earliest time that any of
   * its arrivals allows.
   */
  append(samples: Int16Array<ArrayBuffer>, arrived: number): Piece[] {
    if (samples.length === 0) {
      return [];
    }
    const isOther = this.#broken && this.#length > 0 && samples.length >= KEPT_BACK;
    const pieces = isOther ? [this.#cut(this.#length, "pause")] : [];
    this.#broken = false;
    const begins = this.#length === 0;
    this.#parts.push(samples);
    this.#length += samples.length;
    const earliest = arrived - this.#length / PER_MS;
    this.#capturedAt = Math.max(this.#notBefore, begins ? earliest : Math.min(earliest, this.#capturedAt));
    this.#arrived = arrived;
    while (this.#length >= this.pieceSamples + KEPT_BACK) {
      pieces.push(this.#cut(this.pieceSamples, null));
    }
    return pieces;
  }

  /** End audio without a break: after this, the microphone is another one or was off. */
  break(): Piece[] {
    this.#broken = true;
    const length = this.#length - KEPT_BACK;
    return length > 0 ? [this.#cut(length, "pause")] : [];
  }

  /** End the recording. Returns the last pieces: none if nothing was recorded. */
  end(): Piece[] {
    if (this.#length === 0) {
      return [];
    }
    const first = this.#length > LONGEST ? [this.#cut(this.pieceSamples - KEPT_BACK, null)] : [];
    return [...first, this.#cut(this.#length, "recording")];
  }

  #cut(length: number, ends: Ends | null): Piece {
    const tail = joined(this.#parts);
    const samples = tail.slice(0, length);
    const piece = { number: this.#number, first: this.#first, capturedAt: this.#capturedAt, ends, samples };
    const rest = tail.slice(length);
    this.#notBefore = this.#capturedAt;
    this.#number += 1;
    this.#first += length;
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#length = lengthOf(this.#parts);
    // From the last arrival, not from the piece's time: audio and wall clock run apart where a device stalls.
    this.#capturedAt = Math.max(this.#notBefore, this.#arrived - this.#length / PER_MS);
    return piece;
  }
}

/** Milliseconds of audio, rounded. They come from the count of samples, so no error adds up. */
export function milliseconds(samples: number): number {
  return Math.round(samples / PER_MS);
}
