import assert from "node:assert/strict";
import { test } from "node:test";

import { joined, wavOf } from "../src/wav.js";

test("a WAV file has the header of 16-bit PCM, and the samples in little-endian order", () => {
  const file = wavOf([Int16Array.of(1, -2), Int16Array.of(), Int16Array.of(32_767, -32_768)]);

  const view = new DataView(file.buffer);
  const letters = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  assert.deepEqual([letters(0), letters(8), letters(12), letters(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  assert.equal(view.getUint32(4, true), file.length - 8);
  assert.equal(view.getUint32(16, true), 16);
  assert.deepEqual([view.getUint16(20, true), view.getUint16(22, true)], [1, 1], "PCM, one channel");
  assert.deepEqual([view.getUint32(24, true), view.getUint32(28, true)], [16_000, 32_000]);
  assert.deepEqual([view.getUint16(32, true), view.getUint16(34, true)], [2, 16]);
  assert.equal(view.getUint32(40, true), 8);
  assert.deepEqual([...file.subarray(44)], [1, 0, 0xfe, 0xff, 0xff, 0x7f, 0x00, 0x80]);
});

test("a WAV file without samples has a header alone", () => {
  assert.equal(wavOf([]).length, 44);
  assert.equal(joined([]).length, 0);
});
