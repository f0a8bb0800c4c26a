import type { Piece, Position } from "./cutter.js";
import { Journal } from "./journal.js";
import { Microphone, type DeviceEvent } from "./microphone.js";
import type { Store, StoredRecording } from "./store.js";
import { SteadyClock } from "./time.js";
import { WakeLock } from "./wake-lock.js";
import { SAMPLE_RATE } from "./wav.js";

export interface CaptureOptions {
  readonly store: Store;
  readonly recording: StoredRecording;
  readonly position: Position;
  readonly constraints: MediaTrackConstraints;
  readonly processorUrl: string | URL;
  /** Audio came from the microphone. */
  readonly onAudio: () => void;
  readonly onPieces: (pieces: readonly Piece[]) => void;
  readonly onStorage: (error: unknown, unsaved: number) => void;
  readonly onDevice: (event: DeviceEvent) => void;
  readonly onWakeLock: (held: boolean) => void;
  /** The network is back, or the page is shown again: what waits need not wait longer. */
  readonly onRetry: () => void;
}

/** What a page captures, from the microphone into the store. */
export class Capture {
  readonly #clock = new SteadyClock();
  readonly #journal: Journal;
  readonly #microphone: Microphone;
  readonly #wakeLock: WakeLock;
  /** Aborted when the page's events concern this recorder no more. */
  readonly #page = new AbortController();

  constructor(private readonly options: CaptureOptions) {
    const { store, recording, position, onPieces, onStorage } = options;
    this.#journal = new Journal({ store, recording, position, clock: this.#clock, onPieces, onFailure: onStorage });
    this.#microphone = new Microphone({
      constraints: options.constraints,
      processorUrl: options.processorUrl,
      onSamples: (samples) => {
        this.#journal.append(samples);
        options.onAudio();
      },
      onBreak: () => {
        this.#journal.break();
      },
      onDevice: options.onDevice,
    });
    this.#wakeLock = new WakeLock(options.onWakeLock);
    this.#followPage();
  }

  get recording(): StoredRecording {
    return this.#journal.recording;
  }

  get seconds(): number {
    return this.#journal.samples / SAMPLE_RATE;
  }

  /** Raises the errors of getUserMedia. */
  async start(): Promise<void> {
    this.#clock.setForward();
    await this.#microphone.open();
    await this.#wakeLock.hold();
  }

  /** Every sample that was captured is in the journal before this resolves. */
  async stop(): Promise<void> {
    await this.#microphone.close();
    await this.#wakeLock.release();
  }

  async use(deviceId: string): Promise<void> {
    await this.#microphone.use(deviceId);
  }

  /** Go on with audio that the browser holds back. */
  async wake(): Promise<void> {
    await this.#microphone.wake();
  }

  /** Make pieces of what an earlier page left. */
  async recover(): Promise<void> {
    this.#journal.break();
    await this.#journal.save();
  }

  /** Nothing follows what was captured. */
  end(): void {
    this.#journal.end();
  }

  setRefused(reason: string | null): void {
    this.#journal.setRefused(reason);
  }

  async save(): Promise<void> {
    await this.#journal.save();
  }

  /** Write for the last time. */
  async close(): Promise<void> {
    this.#page.abort();
    await this.#journal.save();
  }

  #followPage(): void {
    const { signal } = this.#page;
    const save = (): void => {
      void this.#journal.save().catch(() => undefined);
    };
    const onVisibility = (): void => {
      save();
      if (document.visibilityState === "visible") {
        void this.#microphone.wake();
        this.options.onRetry();
      }
    };
    window.addEventListener("pagehide", save, { signal });
    window.addEventListener("online", this.options.onRetry, { signal });
    document.addEventListener("visibilitychange", onVisibility, { signal });
  }
}
