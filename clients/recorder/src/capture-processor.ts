// Runs in the audio thread: mixes what the microphone gives to one channel and sends it to the page in blocks.
// It imports nothing, so it can be served as one file.

declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Seconds of audio in a block. Only the last one is shorter. */
const BLOCK = 0.05;

class CaptureProcessor extends AudioWorkletProcessor {
  #block = new Float32Array(Math.ceil(sampleRate * BLOCK));
  #length = 0;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.#ended = true;
      this.#send();
      this.port.postMessage(null); // nothing follows
    };
  }

  process(inputs: readonly (readonly Float32Array[])[]): boolean {
    const channels = inputs[0] ?? [];
    const frames = this.#ended ? 0 : (channels[0]?.length ?? 0);
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0;
      for (const channel of channels) {
        sum += channel[frame] ?? 0;
      }
      this.#block[this.#length] = sum / channels.length;
      this.#length += 1;
      if (this.#length === this.#block.length) {
        this.#send();
      }
    }
    return !this.#ended;
  }

  #send(): void {
    const block = this.#block.slice(0, this.#length);
    this.#length = 0;
    if (block.length > 0) {
      this.port.postMessage(block, [block.buffer]);
    }
  }
}

registerProcessor("synapseai-capture", CaptureProcessor);
