import assert from "node:assert/strict";
import { test } from "node:test";

import { SteadyClock } from "../src/time.js";

test("a change of the wall clock moves no time while audio is captured", () => {
  let [wall, monotonic] = [1_000_000, 50];
  const clock = new SteadyClock(() => wall, () => monotonic);
  assert.equal(clock.now(), 1_000_000);

  monotonic += 10_000;
  wall -= 3_600_000;
  assert.equal(clock.now(), 1_010_000, "set back");
  clock.setForward();
  assert.equal(clock.now(), 1_010_000, "times never go back");

  wall = 9_000_000;
  assert.equal(clock.now(), 1_010_000, "set forward");
  clock.setForward();
  assert.equal(clock.now(), 9_000_000, "taken over before audio begins, such as after a sleep");
});
