import { Api } from "./api.js";
import { isComplete } from "./comparison.js";
import { BEGINNING } from "./cutter.js";
import { takeLock } from "./lock.js";
import { NotFinished } from "./options.js";
import type { RecorderEvents, RecorderOptions, RecorderState, ResumeOptions } from "./options.js";
import { Run } from "./run.js";
import { Store, type StoredPiece, type StoredRecording } from "./store.js";
import { wavOf } from "./wav.js";

/** Records one session on this device, and sends it in pieces. Nothing leaves the browser's store without a receipt. */
export class Recorder {
  #finishing: Promise<void> | null = null;

  private constructor(private readonly run: Run) {}

  /**
   * Open a recording of the session and begin to record.
   *
   * Raises Refused if the API takes none (`another_recorder`: another device records; ask the user, then `takeOver`),
   * Unavailable if it does not answer, and the errors of getUserMedia.
   */
  static async start(options: RecorderOptions): Promise<Recorder> {
    const { pieceSeconds = 10 } = options;
    if (!(pieceSeconds >= 2 && pieceSeconds <= 55)) {
      throw new RangeError("A piece has 2 to 55 seconds.");
    }
    await askForMicrophone();
    const recorderId = crypto.randomUUID();
    const api = new Api(options.api, options.sessionId, options.token);
    const opened = await api.open(recorderId, options.takeOver ?? false);
    const unlock = await takeLock(recorderId);
    void navigator.storage.persist(); // ask that the browser deletes nothing when the disk is full
    const recording: StoredRecording = {
      recorderId,
      sessionId: options.sessionId,
      recordingId: opened.id,
      openedAt: Date.now(),
      pieceSeconds,
      number: 1,
      first: 0,
      ended: false,
      refused: null,
    };
    const store = await Store.create(recording);
    const recorder = new Recorder(new Run({ options, api, store, unlock, recording, position: BEGINNING }));
    await recorder.resume();
    return recorder;
  }

  /** What earlier pages of this origin recorded and did not finish, of any session. */
  static async unfinished(): Promise<StoredRecording[]> {
    return Store.recordings();
  }

  /**
   * Go on with a recording after a reload or a crash: send what has no receipt, as the recorder that it was. `resume()`
   * then records again, and `finish()` ends it without more.
   *
   * Raises RunsElsewhere if another tab runs it, and NotFoundError if nothing of it is in the store.
   */
  static async resume(recorderId: string, options: ResumeOptions): Promise<Recorder> {
    const unlock = await takeLock(recorderId);
    const found = await Store.open(recorderId);
    if (found === null) {
      unlock();
      throw new DOMException("The store has nothing of this recorder.", "NotFoundError");
    }
    const { store, recording } = found;
    const api = new Api(options.api, recording.sessionId, options.token);
    const run = new Run({ options, api, store, unlock, recording, position: await store.position(recording) });
    await run.recover();
    return new Recorder(run);
  }

  get id(): string {
    return this.run.capture.recording.recorderId;
  }

  get recordingId(): string {
    return this.run.capture.recording.recordingId;
  }

  get state(): RecorderState {
    return this.run.state;
  }

  /** Seconds of audio that were captured, without pauses. */
  get seconds(): number {
    return this.run.capture.seconds;
  }

  /** Call the listener at each event of this name. Returns a function that ends this. */
  on<Name extends keyof RecorderEvents>(name: Name, listener: (event: RecorderEvents[Name]) => void): () => void {
    return this.run.events.on(name, listener);
  }

  /**
   * Record: after a pause, after `Recorder.resume`, and in the handler of a click when the browser wants one (the device
   * event `blocked`). Raises the errors of getUserMedia.
   */
  async resume(): Promise<void> {
    if (this.run.state === "interrupted") {
      await this.run.capture.wake();
    }
    if (this.run.state !== "paused") {
      return;
    }
    this.run.setState("interrupted", null);
    try {
      await this.run.capture.start();
    } catch (error) {
      this.run.setState("paused", "microphone");
      throw error;
    }
  }

  /** Record nothing until `resume`. Resolves when everything that was captured is in the store. */
  async pause(): Promise<void> {
    if (this.run.state === "recording" || this.run.state === "interrupted") {
      await this.run.stop("paused", null);
      await this.run.capture.save();
    }
  }

  /** Record with this device from now on. Raises the errors of getUserMedia; then another device is used. */
  async useDevice(deviceId: string): Promise<void> {
    await this.run.capture.use(deviceId);
  }

  /**
   * End the recording. Resolves when the API has given the receipts of all pieces and says that none is missing; then
   * nothing is left in the store. Without a connection it waits for one.
   *
   * Raises NotFinished if the API refused pieces. What it refused stays in the store: see `unsent`.
   */
  async finish(): Promise<void> {
    this.#finishing ??= this.#finish().finally(() => {
      this.#finishing = null;
    });
    return this.#finishing;
  }

  /** The pieces in the store: those that wait for their receipt, and those that were refused. */
  async unsent(): Promise<StoredPiece[]> {
    return this.run.store.pieces();
  }

  /** All audio in the store as one WAV file, to be uploaded as an ordinary recording of the session. */
  async export(): Promise<Blob> {
    await this.run.capture.save();
    const samples = [];
    for (const piece of await this.run.store.pieces()) {
      samples.push(await this.run.store.audio(piece));
    }
    samples.push((await this.run.store.position(this.run.capture.recording)).tail);
    return new Blob([wavOf(samples)], { type: "audio/wav" });
  }

  /** Send again what was refused, such as after the patient consented again. */
  async retryRefused(): Promise<void> {
    this.run.capture.setRefused(null);
    await this.run.capture.save();
    if (this.run.state === "refused") {
      this.run.setState("ended", null);
    }
    await this.run.sender.restart();
  }

  /** Delete all audio of this recorder that the API did not take. It cannot be undone. */
  async discard(): Promise<void> {
    await this.run.stop("ended", null);
    await this.run.release();
    await this.run.store.clear();
    this.run.close();
    this.run.setState("finished", "discarded");
  }

  /** Stop recording and sending. What has no receipt stays in the store, for `Recorder.resume`. */
  async close(): Promise<void> {
    if (this.run.state !== "finished") {
      await this.run.stop("ended", "closed");
      await this.run.release();
      this.run.close();
    }
  }

  async #finish(): Promise<void> {
    if (this.run.state === "finished") {
      return;
    }
    if (this.run.state !== "refused") {
      await this.run.stop("ended", null);
    }
    this.run.capture.end();
    await this.run.saveAll();
    await this.run.sender.idle();
    const left = await this.run.store.pieces();
    if (left.length > 0) {
      throw new NotFinished("The API did not take all pieces.", left);
    }
    const last = this.run.capture.recording.number - 1;
    if (!(await isComplete(this.run.api, this.recordingId, last))) {
      throw new NotFinished(`The API does not have all ${last} pieces of which it gave receipts.`, []);
    }
    await this.run.release();
    await this.run.store.clear();
    this.run.close();
    this.run.setState("finished", null);
  }
}

/** Ask before a recording is opened: one without a microphone would keep other devices out. */
async function askForMicrophone(): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of stream.getTracks()) {
    track.stop();
  }
}
