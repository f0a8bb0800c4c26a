import { Unavailable, type Api, type Refused } from "./api.js";
import { Capture } from "./capture.js";
import { refusalOf } from "./comparison.js";
import type { Piece, Position } from "./cutter.js";
import { Emitter } from "./emitter.js";
import { LARGEST_UNSAVED } from "./journal.js";
import type { DeviceEvent } from "./microphone.js";
import { DEFAULT_CONSTRAINTS, type RecorderEvents, type RecorderState, type ResumeOptions } from "./options.js";
import { endsRecording } from "./refusals.js";
import { Sender } from "./sender.js";
import { storedPiece, type Store, type StoredPiece, type StoredRecording } from "./store.js";
import { passed } from "./time.js";
import { SAMPLE_RATE } from "./wav.js";

export interface RunOptions {
  readonly options: ResumeOptions;
  readonly api: Api;
  readonly store: Store;
  /** Gives up the lock of the recorder. */
  readonly unlock: () => void;
  readonly recording: StoredRecording;
  readonly position: Position;
}

/** What a recorder is made of, and its state, which audio, answers of the API and the devices change. */
export class Run {
  readonly events = new Emitter<RecorderEvents>();
  readonly api: Api;
  readonly store: Store;
  readonly capture: Capture;
  readonly sender: Sender;
  readonly #unlock: () => void;
  #state: RecorderState = "paused";

  constructor({ options, api, store, unlock, recording, position }: RunOptions) {
    this.api = api;
    this.store = store;
    this.#unlock = unlock;
    for (const [name, listener] of Object.entries(options.on ?? {})) {
      this.events.on(name as keyof RecorderEvents, listener as (event: unknown) => void);
    }
    this.capture = this.#newCapture(options, recording, position);
    this.sender = this.#newSender(options.parallel ?? 3, recording.recordingId);
  }

  get state(): RecorderState {
    return this.#state;
  }

  /** Go on where an earlier page ended. */
  async recover(): Promise<void> {
    await this.capture.recover();
    const { refused, ended } = this.capture.recording;
    if (refused !== null) {
      this.setState("refused", refused);
      return;
    }
    if (ended) {
      this.setState("ended", null);
    }
    const refusal = await refusalOf(this.api, this.capture.recording.recordingId).catch((error: unknown) => {
      if (error instanceof Unavailable) {
        return null; // the pieces wait for the connection, and their answers tell
      }
      throw error;
    });
    if (refusal !== null) {
      await this.#refuse(refusal);
    }
    for (const piece of await this.store.pieces()) {
      if (piece.refused === null) {
        this.sender.add(piece);
      }
    }
  }

  /** Save all. While uploads make room on a full disk it tries again. */
  async saveAll(): Promise<void> {
    for (;;) {
      try {
        await this.capture.save();
        return;
      } catch (error) {
        if (this.sender.open === 0) {
          throw error;
        }
        await passed(1000);
      }
    }
  }

  async stop(state: RecorderState, reason: string | null): Promise<void> {
    await this.capture.stop();
    this.setState(state, reason);
  }

  /** End the recording, because the API takes no more of it. What it did not take stays in the store. */
  async #refuse(reason: string): Promise<void> {
    this.capture.setRefused(reason);
    await this.stop("refused", reason);
    this.capture.end();
    await this.capture.save();
  }

  #onRefused(piece: StoredPiece, refused: Refused): void {
    const { reason, problem } = refused;
    this.events.emit("refused", { number: piece.number, reason, problem });
    if (endsRecording(refused) && this.capture.recording.refused === null) {
      void this.#refuse(reason).catch(() => undefined); // the store's failure is an event of its own
    }
  }

  #onAudio(): void {
    if (this.#state === "interrupted") {
      this.setState("recording", null);
    }
    this.sender.poke();
  }

  #onPieces(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      this.sender.add(storedPiece(this.capture.recording.recorderId, piece));
      this.events.emit("piece", { number: piece.number, seconds: piece.samples.length / SAMPLE_RATE });
    }
  }

  #onStorage(error: unknown, unsaved: number): void {
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    this.events.emit("storage", { kind: error === null ? "working" : isFull ? "full" : "failed", error });
    if (unsaved > LARGEST_UNSAVED && this.#state === "recording") {
      void this.stop("paused", "storage");
    }
  }

  #onDevice(event: DeviceEvent): void {
    this.events.emit("device", event);
    if ((event.kind === "lost" || event.kind === "blocked") && this.#state === "recording") {
      this.setState("interrupted", event.kind);
    }
  }

  setState(state: RecorderState, reason: string | null): void {
    if (state !== this.#state) {
      this.#state = state;
      this.events.emit("state", { state, reason });
    }
  }

  #newCapture(options: ResumeOptions, recording: StoredRecording, position: Position): Capture {
    return new Capture({
      store: this.store,
      recording,
      position,
      constraints: options.constraints ?? DEFAULT_CONSTRAINTS,
      processorUrl: options.processorUrl ?? new URL("./capture-processor.js", import.meta.url),
      onAudio: () => {
        this.#onAudio();
      },
      onPieces: (pieces) => {
        this.#onPieces(pieces);
      },
      onStorage: (error, unsaved) => {
        this.#onStorage(error, unsaved);
      },
      onDevice: (event) => {
        this.#onDevice(event);
      },
      onWakeLock: (held) => {
        this.events.emit("wakeLock", { held });
      },
      onRetry: () => {
        this.sender.retryNow();
      },
    });
  }

  #newSender(parallel: number, recordingId: string): Sender {
    return new Sender({
      store: this.store,
      api: this.api,
      recordingId,
      parallel,
      onReceipt: (receipt) => {
        this.events.emit("receipt", receipt);
      },
      onRefused: (piece, refused) => {
        this.#onRefused(piece, refused);
      },
      onReachable: (reachable) => {
        this.events.emit("reachable", { reachable });
      },
    });
  }

  /** End everything that may still write to the store, after its last write. */
  async release(): Promise<void> {
    await this.sender.halt();
    await this.capture.close();
  }

  close(): void {
    this.store.close();
    this.#unlock();
  }
}
