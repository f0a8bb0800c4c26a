import assert from "node:assert/strict";
import { test } from "node:test";

import { Resampler } from "../src/resampler.js";
import { joined } from "../src/wav.js";
import { between, seeded } from "./random.js";

const RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

function whole(input: Float32Array, rate: number): Int16Array {
  const resampler = new Resampler(rate);
  return joined([resampler.push(input), resampler.flush()]);
}

function inBlocks(input: Float32Array, rate: number, random: () => number): Int16Array {
  const [resampler, results] = [new Resampler(rate), [] as Int16Array[]];
  for (let at = 0; at < input.length; ) {
    const length = between(random, 0, 600);
    results.push(resampler.push(input.slice(at, at + length)));
    at += length;
  }
  return joined([...results, resampler.flush()]);
}

function tone(rate: number, frequency: number, seconds: number): Float32Array {
  const turn = (2 * Math.PI * frequency) / rate;
  return Float32Array.from({ length: rate * seconds }, (_, index) => 0.5 * Math.sin(turn * index));
}

test("N samples become exactly ⌈N · 16,000 / rate⌉, whatever the blocks", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const rate = RATES[seed % RATES.length] ?? 48_000;
    const input = Float32Array.from({ length: between(random, 0, 6000) }, () => 2 * random() - 1);

    const results = inBlocks(input, rate, random);

    assert.equal(results.length, Math.ceil((input.length * 16_000) / rate), `${rate} Hz, seed ${seed}`);
    assert.deepEqual(results, whole(input, rate), `${rate} Hz, seed ${seed}`);
  }
});

test("a tone of speech keeps its frequency, amplitude and phase", () => {
  for (const rate of RATES) {
    for (const frequency of [100, 1000, 3400]) {
      const results = whole(tone(rate, frequency, 0.2), rate);
      const expected = tone(16_000, frequency, 0.2);
      for (let index = 500; index < results.length - 500; index++) {
        const difference = Math.abs((results[index] ?? 0) / 32_768 - (expected[index] ?? 0));
        assert.ok(difference < 0.001, `${rate} Hz, ${frequency} Hz, sample ${index}: ${difference}`);
      }
    }
  }
});

test("what 16 kHz cannot hold does not alias", () => {
  for (const rate of RATES.filter((one) => one >= 24_000)) {
    for (const frequency of [8_600, 9_500, 11_000].filter((one) => one < rate / 2)) {
      const results = whole(tone(rate, frequency, 0.2), rate).subarray(500, -500);
      const loudest = results.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      assert.ok(loudest < 16_384 / 1000, `${rate} Hz, ${frequency} Hz: ${loudest}`);
    }
  }
});

test("a constant stays what it is, and louder values are clipped", () => {
  for (const rate of RATES) {
    const middle = whole(new Float32Array(rate / 5).fill(0.25), rate).subarray(500, -500);
    assert.ok(middle.every((sample) => sample === 8192), `${rate} Hz`);
  }
  const rounded = whole(Float32Array.of(2, -2, 1, -1, 0.5 / 32_768), 16_000);
  assert.deepEqual([...rounded], [32_767, -32_768, 32_767, -32_768, 1]);
});
