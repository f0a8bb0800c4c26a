import { backoff } from "./backoff.js";
import { Resampler } from "./resampler.js";
import { passed } from "./time.js";

const PROCESSOR = "synapseai-capture";
/** Milliseconds after which audio that did not begin is reported. */
const BEGINS_WITHIN = 2000;
/** Milliseconds for which the end of the audio is awaited. */
const FLUSHES_WITHIN = 1000;
/** No more than 8 seconds pass between two attempts to open a device. */
const LARGEST_BACKOFF = 4;

/** What happens to the microphone. `blocked`: the browser waits for a gesture of the user before it captures. */
export type DeviceEvent =
  | { readonly kind: "open"; readonly label: string }
  | { readonly kind: "lost" | "muted" | "unmuted" | "blocked" | "changed" };

export interface MicrophoneOptions {
  readonly constraints: MediaTrackConstraints;
  readonly processorUrl: string | URL;
  /** Samples of 16 kHz. */
  readonly onSamples: (samples: Int16Array<ArrayBuffer>) => void;
  /** Audio without a break ended. */
  readonly onBreak: () => void;
  readonly onDevice: (event: DeviceEvent) => void;
}

/** The nodes and the track of one opened device. */
interface Opened {
  readonly context: AudioContext;
  readonly track: MediaStreamTrack;
  readonly node: AudioWorkletNode;
  readonly flushed: Promise<void>;
}

/** The microphone, as samples of 16 kHz. A device that is lost is opened again, or another one instead of it. */
export class Microphone {
  #opened: Opened | null = null;
  #wanted = false;
  #deviceId: string | null = null;
  /** Opening and closing, one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly options: MicrophoneOptions) {}

  /** Begin to capture. Raises NotAllowedError, NotFoundError or NotReadableError of getUserMedia. */
  async open(): Promise<void> {
    this.#wanted = true;
    navigator.mediaDevices.addEventListener("devicechange", this.#onDeviceChange);
    await this.#inTurn(async () => {
      if (this.#opened === null) {
        await this.#openDevice();
      }
    });
  }

  /** End capturing. Every sample that was captured comes before this resolves. */
  async close(): Promise<void> {
    this.#wanted = false;
    navigator.mediaDevices.removeEventListener("devicechange", this.#onDeviceChange);
    await this.#inTurn(async () => this.#closeDevice());
  }

  /** Capture with this device from now on. Raises the errors of `open`, and then tries another device. */
  async use(deviceId: string): Promise<void> {
    this.#deviceId = deviceId;
    if (this.#wanted) {
      await this.#inTurn(async () => {
        await this.#closeDevice();
        await this.#openDevice();
      }).catch((error: unknown) => {
        this.#deviceId = null;
        void this.#reopen(this.#opened);
        throw error;
      });
    }
  }

  /** Try to go on with audio that the browser holds back, or suspended in the background. */
  async wake(): Promise<void> {
    if (this.#opened !== null && this.#opened.context.state !== "running") {
      await this.#opened.context.resume();
    }
  }

  async #inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #openDevice(): Promise<void> {
    const device = this.#deviceId === null ? {} : { deviceId: { exact: this.#deviceId } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...this.options.constraints, ...device } });
    const [track] = stream.getAudioTracks();
    if (track === undefined) {
      throw new DOMException("The stream has no audio.", "NotFoundError");
    }
    try {
      this.#opened = await this.#capture(stream, track);
    } catch (error) {
      track.stop();
      throw error;
    }
    this.options.onDevice({ kind: "open", label: track.label });
  }

  async #capture(stream: MediaStream, track: MediaStreamTrack): Promise<Opened> {
    const context = new AudioContext({ latencyHint: "playback" });
    await context.audioWorklet.addModule(this.options.processorUrl);
    const node = new AudioWorkletNode(context, PROCESSOR);
    const flushed = this.#listen(node, new Resampler(context.sampleRate));
    context.createMediaStreamSource(stream).connect(node);
    node.connect(context.destination); // silence: some browsers run no node that leads nowhere
    const opened = { context, track, node, flushed };
    track.onended = () => {
      this.options.onDevice({ kind: "lost" });
      void this.#reopen(opened);
    };
    track.onmute = () => {
      this.options.onDevice({ kind: "muted" });
    };
    track.onunmute = () => {
      this.options.onDevice({ kind: "unmuted" });
    };
    context.onstatechange = () => {
      this.#onState(opened);
    };
    setTimeout(() => {
      this.#onState(opened);
    }, BEGINS_WITHIN);
    void context.resume();
    return opened;
  }

  /** Pass samples on. Resolves when the last one was. */
  async #listen(node: AudioWorkletNode, resampler: Resampler): Promise<void> {
    return new Promise((resolve) => {
      node.port.onmessage = ({ data }: MessageEvent<Float32Array | null>) => {
        this.options.onSamples(data === null ? resampler.flush() : resampler.push(data));
        if (data === null) {
          node.port.onmessage = null;
          resolve();
        }
      };
    });
  }

  /** A suspended context captures nothing, so what comes after it is not the continuation of what came before. */
  #onState(opened: Opened): void {
    if (opened === this.#opened && opened.context.state !== "running") {
      this.options.onDevice({ kind: "blocked" });
      this.options.onBreak();
    }
  }

  async #closeDevice(): Promise<void> {
    const opened = this.#opened;
    if (opened === null) {
      return;
    }
    this.#opened = null;
    opened.track.onended = null;
    opened.node.port.postMessage("flush");
    await Promise.race([opened.flushed, passed(FLUSHES_WITHIN)]);
    // A suspended context may not answer. What the resampler has is the last audio then.
    opened.node.port.onmessage?.(new MessageEvent("message", { data: null }));
    opened.track.stop();
    await opened.context.close();
    this.options.onBreak();
  }

  /** Open a device again after this one was lost, until it succeeds or nobody wants it any more. */
  async #reopen(lost: Opened | null): Promise<void> {
    for (let failures = 0; this.#wanted && this.#opened === lost; failures++) {
      if (failures > 0) {
        await passed(backoff(Math.min(failures, LARGEST_BACKOFF), Math.random));
      }
      await this.#inTurn(async () => {
        if (this.#wanted && this.#opened === lost) {
          await this.#closeDevice();
          lost = null;
          await this.#openDevice();
        }
      }).catch(() => {
        this.#deviceId = null;
      });
    }
  }

  readonly #onDeviceChange = (): void => {
    this.options.onDevice({ kind: "changed" });
  };
}
