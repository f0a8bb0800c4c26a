import { SAMPLE_RATE } from "./wav.js";

/** Zero crossings of the sinc on each side of its centre, in samples of the slower rate. */
const ZERO_CROSSINGS = 32;
/** Of the Kaiser window: about 80 dB of attenuation above the cut-off. */
const BETA = 8;
/** The cut-off, as a share of half the slower rate. What is above half of it would alias. */
const CUT_OFF = 0.92;

/**
 * Turns samples of one rate into 16-bit samples of 16 kHz, in blocks of any size.
 *
 * With `up / down` = 16,000 / rate in lowest terms, sample n of the result is the band-limited input at the time of its
 * sample n · down / up: a windowed sinc around that time, whose `up` phases are computed once and have unit gain each.
 * The filter has no delay, because the result waits for the input after its centre; before the first and after the last
 * sample the input counts as silence. So N samples become exactly ⌈N · up / down⌉, sample 0 at the time of sample 0, and
 * the result does not depend on how the input was cut into blocks. At 16 kHz the samples are only rounded.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  /** Input samples that a sample of the result needs before and after its centre. */
  readonly #reach: number;
  readonly #ahead: number;
  readonly #phases: readonly Float64Array[];
  /** Input from `#begin` on; what no later sample of the result needs is dropped. */
  #input: Float32Array;
  #begin: number;
  #end = 0;
  /** The centre of the next sample of the result: input sample and phase. */
  #centre = 0;
  #phase = 0;

  constructor(rate: number) {
    const divisor = greatestCommonDivisor(rate, SAMPLE_RATE);
    this.#up = SAMPLE_RATE / divisor;
    this.#down = rate / divisor;
    this.#reach = rate === SAMPLE_RATE ? 0 : Math.ceil(ZERO_CROSSINGS * Math.max(1, this.#down / this.#up));
    this.#ahead = this.#reach && this.#reach + 1;
    this.#phases = phasesOf(this.#up, this.#down, this.#reach);
    this.#begin = -this.#reach;
    this.#input = new Float32Array(this.#reach);
  }

  /** The samples that this block completes. */
  push(block: Float32Array): Int16Array<ArrayBuffer> {
    this.#append(block);
    this.#end += block.length;
    return this.#results(this.#end - this.#ahead);
  }

  /** The rest of the samples. Nothing can be pushed afterwards. */
  flush(): Int16Array<ArrayBuffer> {
    this.#append(new Float32Array(this.#ahead));
    return this.#results(this.#end);
  }

  #append(block: Float32Array): void {
    const dropped = Math.min(this.#centre - this.#reach - this.#begin, this.#input.length);
    const kept = this.#input.subarray(dropped);
    const input = new Float32Array(kept.length + block.length);
    input.set(kept);
    input.set(block, kept.length);
    this.#input = input;
    this.#begin += dropped;
  }

  /** The samples whose centre is before this input sample. */
  #results(before: number): Int16Array<ArrayBuffer> {
    const results: number[] = [];
    while (this.#centre < before) {
      results.push(quantised(this.#filtered()));
      this.#phase += this.#down;
      this.#centre += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    return Int16Array.from(results);
  }

  #filtered(): number {
    const weights = this.#phases[this.#phase] ?? NO_WEIGHTS;
    const first = this.#centre - this.#reach - this.#begin;
    let sum = 0;
    for (let index = 0; index < weights.length; index++) {
      sum += (weights[index] ?? 0) * (this.#input[first + index] ?? 0);
    }
    return sum;
  }
}

const NO_WEIGHTS = new Float64Array(0);

/** The nearest 16-bit sample of a value from -1 to 1. Louder values are clipped. */
function quantised(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}

/** For each phase, the weights of the input from `reach` samples before its centre to `reach + 1` samples after it. */
function phasesOf(up: number, down: number, reach: number): Float64Array[] {
  if (reach === 0) {
    return [Float64Array.of(1)];
  }
  const bandwidth = CUT_OFF * Math.min(1, up / down);
  return Array.from({ length: up }, (_, phase) => {
    const weights = Float64Array.from({ length: 2 * reach + 2 }, (_, index) => {
      const distance = index - reach - phase / up;
      return sinc(bandwidth * distance) * kaiser(distance / (reach + 1));
    });
    const gain = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / gain);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window, without its constant factor, at a distance from -1 to 1 from its centre. */
function kaiser(distance: number): number {
  return Math.abs(distance) > 1 ? 0 : besselI0(BETA * Math.sqrt(1 - distance * distance));
}

/** The modified Bessel function of the first kind, of order 0, by its power series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * Number.EPSILON; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
