import { newKey, seal, unseal, type Sealed } from "./cipher.js";
import { type Ends, type Piece, type Position } from "./cutter.js";
import { below, change, openDatabase, result } from "./database.js";
import { joined } from "./wav.js";

/** A recording of which something is in the store. */
export interface StoredRecording {
  readonly recorderId: string;
  readonly sessionId: string;
  readonly recordingId: string;
  /** When it was opened: milliseconds since 1970. */
  readonly openedAt: number;
  readonly pieceSeconds: number;
  /** The number of the next piece. */
  readonly number: number;
  /** The samples before the tail. */
  readonly first: number;
  /** True once the last piece was cut. */
  readonly ended: boolean;
  /** Why the API takes nothing more of it; null while it does. */
  readonly refused: string | null;
}

/** A piece in the store, without its audio. */
export interface StoredPiece {
  readonly recorderId: string;
  readonly number: number;
  readonly first: number;
  readonly samples: number;
  readonly capturedAt: number;
  readonly ends: Ends | null;
  /** Why the API refused it; null if it did not. */
  readonly refused: string | null;
}

/** A piece as the store has it. */
export function storedPiece(recorderId: string, piece: Piece): StoredPiece {
  return { ...piece, recorderId, samples: piece.samples.length, refused: null };
}

interface TailPart extends Sealed {
  readonly first: number;
  readonly capturedAt: number;
}

/** What one write adds: finished pieces, and the tail from its sample number `saved` on. */
export interface Addition {
  readonly recording: StoredRecording;
  readonly pieces: readonly Piece[];
  readonly tail: Position;
  readonly saved: number;
}

/**
 * The audio of one recorder that has no receipt yet, encrypted in IndexedDB.
 *
 * Every method may reject with the DOMException of IndexedDB: `QuotaExceededError` if the disk has no room.
 */
export class Store {
  private constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
    private readonly recorderId: string,
  ) {}

  /** Create the store of a new recorder. */
  static async create(recording: StoredRecording): Promise<Store> {
    const [database, key] = [await openDatabase(), await newKey()];
    await change(database, (store) => {
      store("recordings").put(recording);
      store("keys").put(key, recording.recorderId);
    });
    return new Store(database, key, recording.recorderId);
  }

  /** Open the store of a recorder, with its recording; null if there is none. */
  static async open(recorderId: string): Promise<{ store: Store; recording: StoredRecording } | null> {
    const database = await openDatabase();
    const reading = database.transaction(["recordings", "keys"]);
    const [recording, key] = await Promise.all([
      result(reading.objectStore("recordings").get(recorderId) as IDBRequest<StoredRecording | undefined>),
      result(reading.objectStore("keys").get(recorderId) as IDBRequest<CryptoKey | undefined>),
    ]);
    if (recording === undefined || key === undefined) {
      database.close();
      return null;
    }
    return { store: new Store(database, key, recorderId), recording };
  }

  /** Every recording of which something is in the store. */
  static async recordings(): Promise<StoredRecording[]> {
    const database = await openDatabase();
    try {
      const reading = database.transaction("recordings").objectStore("recordings");
      return await result(reading.getAll() as IDBRequest<StoredRecording[]>);
    } finally {
      database.close();
    }
  }

  /** Add pieces and what the tail gained. Pieces replace the tail that was stored, in the same transaction. */
  async add({ recording, pieces, tail, saved }: Addition): Promise<void> {
    const sealed = await Promise.all(pieces.map(async (piece) => this.#seal(piece.samples, piece.first)));
    const first = tail.first + saved;
    const part = { ...(await this.#seal(tail.tail, first)), first, capturedAt: tail.capturedAt };
    await change(this.database, (store) => {
      store("recordings").put(recording);
      pieces.forEach((piece, index) => {
        store("pieces").put(storedPiece(this.recorderId, piece));
        store("audio").put(sealed[index], [this.recorderId, piece.number]);
      });
      if (pieces.length > 0) {
        store("tails").delete(below(this.recorderId));
      }
      if (tail.tail.length > 0) {
        store("tails").put(part, [this.recorderId, first]);
      }
    });
  }

  /** Where a recorder continues that ended without a word. */
  async position(recording: StoredRecording): Promise<Position> {
    const reading = this.database.transaction("tails").objectStore("tails");
    const parts = await result(reading.getAll(below(this.recorderId)) as IDBRequest<TailPart[]>);
    const samples = await Promise.all(parts.map(async (part) => unseal(this.key, part, this.#place(part.first))));
    const { number, first } = recording;
    // The later a part was written, the more arrivals its time is made of.
    return { number, first, capturedAt: parts.at(-1)?.capturedAt ?? 0, tail: joined(samples) };
  }

  async pieces(): Promise<StoredPiece[]> {
    const reading = this.database.transaction("pieces").objectStore("pieces");
    return result(reading.getAll(below(this.recorderId)) as IDBRequest<StoredPiece[]>);
  }

  /** The samples of a piece. Raises NotFoundError if it is not in the store. */
  async audio(piece: StoredPiece): Promise<Int16Array<ArrayBuffer>> {
    const reading = this.database.transaction("audio").objectStore("audio");
    const sealed = await result(reading.get([this.recorderId, piece.number]) as IDBRequest<Sealed | undefined>);
    if (sealed === undefined) {
      throw new DOMException(`Piece ${piece.number} is not in the store.`, "NotFoundError");
    }
    return unseal(this.key, sealed, this.#place(piece.first));
  }

  /** Delete a piece that has its receipt. */
  async delete(number: number): Promise<void> {
    await change(this.database, (store) => {
      store("pieces").delete([this.recorderId, number]);
      store("audio").delete([this.recorderId, number]);
    });
  }

  async putPiece(piece: StoredPiece): Promise<void> {
    await change(this.database, (store) => store("pieces").put(piece));
  }

  async putRecording(recording: StoredRecording): Promise<void> {
    await change(this.database, (store) => store("recordings").put(recording));
  }

  /** Delete all of the recorder, and its key. */
  async clear(): Promise<void> {
    await change(this.database, (store) => {
      store("recordings").delete(this.recorderId);
      store("keys").delete(this.recorderId);
      for (const name of ["pieces", "audio", "tails"] as const) {
        store(name).delete(below(this.recorderId));
      }
    });
  }

  close(): void {
    this.database.close();
  }

  async #seal(samples: Int16Array<ArrayBuffer>, first: number): Promise<Sealed> {
    return seal(this.key, samples, this.#place(first));
  }

  /** By its first sample: a part of the tail stays where it is when it becomes part of a piece. */
  #place(first: number): string {
    return `${this.recorderId}/${first}`;
  }
}
