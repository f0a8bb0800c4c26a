import assert from "node:assert/strict";
import { test } from "node:test";

import { BEGINNING, Cutter, KEPT_BACK, milliseconds, type Piece } from "../src/cutter.js";
import { joined } from "../src/wav.js";
import { between, seeded } from "./random.js";

const SECOND = 16_000;
const START = Date.parse("2026-11-29T10:00:00Z");

function samples(first: number, length: number): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length }, (_, index) => (first + index) % 30_011);
}

function check(pieces: readonly Piece[], total: number, pieceSamples: number, label: string): void {
  let first = 0;
  pieces.forEach((piece, index) => {
    assert.equal(piece.number, index + 1, label);
    assert.equal(piece.first, first, `${label}: piece ${piece.number} begins where the one before ended`);
    assert.ok(piece.samples.length > 0 && piece.samples.length <= 55 * SECOND, label);
    assert.ok(piece.ends !== null || piece.samples.length === pieceSamples, `${label}: only what ends is shorter`);
    assert.equal(piece.ends === "recording", index === pieces.length - 1, label);
    assert.ok(index === 0 || piece.capturedAt >= (pieces[index - 1]?.capturedAt ?? 0), `${label}: times go forward`);
    first += piece.samples.length;
  });
  assert.equal(first, total, label);
  assert.deepEqual(joined(pieces.map((piece) => piece.samples)), samples(0, total), label);
}

test("each sample is in exactly one piece, with any blocks, breaks and crashes", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const pieceSamples = SECOND * between(random, 2, 55);
    const [pieces, steps] = [[] as Piece[], between(random, 1, 60)];
    let cutter = new Cutter(pieceSamples, BEGINNING);
    let [total, now] = [0, START];
    for (let step = 0; step < steps; step++) {
      const length = random() < 0.2 ? between(random, 1, KEPT_BACK) : between(random, KEPT_BACK, 2 * SECOND);
      now += milliseconds(length) + between(random, 0, 500);
      pieces.push(...cutter.append(samples(total, length), now));
      total += length;
      if (random() < 0.2) {
        pieces.push(...cutter.break());
      }
      if (random() < 0.1) {
        cutter = new Cutter(pieceSamples, cutter.position()); // what is in the store is all that it needs
        now -= between(random, 0, 10_000); // a clock that was set back
      }
      assert.equal(cutter.samples, total);
    }
    pieces.push(...cutter.end());
    check(pieces, total, pieceSamples, `seed ${seed}`);
    assert.deepEqual(cutter.end(), [], "nothing is left");
  }
});

test("the end is a piece of its own, also directly after a pause", () => {
  const cutter = new Cutter(10 * SECOND, BEGINNING);
  const pieces = [...cutter.append(samples(0, 3 * SECOND), START), ...cutter.break(), ...cutter.end()];

  assert.deepEqual(
    pieces.map((piece) => [piece.ends, piece.samples.length]),
    [["pause", 3 * SECOND - KEPT_BACK], ["recording", KEPT_BACK]],
  );
});

test("a recording without a sample has no piece", () => {
  const cutter = new Cutter(10 * SECOND, BEGINNING);

  assert.deepEqual([...cutter.break(), ...cutter.end()], []);
});

test("a piece has the time of its first sample, although a busy page gets samples late", () => {
  const cutter = new Cutter(2 * SECOND, BEGINNING);
  const late = [0, 900, 20, 0, 1300, 5, 0, 0, 300, 0, 0, 700];
  const arrivals = late.map((delay, index) => START + 500 * (index + 1) + delay);
  const pieces = arrivals.flatMap((arrived) => cutter.append(samples(0, SECOND / 2), arrived));

  assert.deepEqual(pieces.map((piece) => piece.capturedAt - START), [0, 2000]);
});

test("a piece after a stall of the device has the later time", () => {
  const cutter = new Cutter(2 * SECOND, BEGINNING);
  const arrivals = [1, 2, 3, 64, 65, 66, 67, 68].map((second) => START + 1000 * second);
  const pieces = arrivals.flatMap((arrived) => cutter.append(samples(0, SECOND), arrived));

  assert.deepEqual(pieces.map((piece) => Math.round((piece.capturedAt - START) / 1000)), [0, 2, 64]);
});

test("the longest pieces stay below the API's limit at the end", () => {
  const cutter = new Cutter(55 * SECOND, BEGINNING);
  const none = cutter.append(samples(0, 55 * SECOND + KEPT_BACK - 1), START);

  const lengths = [...none, ...cutter.end()].map((piece) => piece.samples.length);
  assert.deepEqual(lengths, [55 * SECOND - KEPT_BACK, 2 * KEPT_BACK - 1]);
});

test("milliseconds come from the count of samples, without drift", () => {
  assert.deepEqual([0, 7, 8, 16, 16_001, 48 * 3600 * SECOND].map(milliseconds), [0, 0, 1, 1, 1000, 48 * 3_600_000]);
});
