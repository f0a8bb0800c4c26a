import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff, retryAfter } from "../src/backoff.js";

test("the longest delay doubles with each failure, up to a minute, and any shorter one may come", () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((failures) => backoff(failures, () => 1));

  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(backoff(5, () => 0), 0);
  assert.equal(backoff(5, () => 0.25), 4000);
});

test("Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-11-29T10:00:00Z");

  assert.equal(retryAfter("120", now), 120_000);
  assert.equal(retryAfter("Sun, 29 Nov 2026 10:00:30 GMT", now), 30_000);
  assert.equal(retryAfter("Sun, 29 Nov 2026 09:00:00 GMT", now), 0, "a date that has passed");
  assert.deepEqual([null, "soon", "", "-5"].map((header) => retryAfter(header, now)), [0, 0, 0, 0]);
});
