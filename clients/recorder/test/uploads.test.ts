import assert from "node:assert/strict";
import { test } from "node:test";

import { Uploads, type Outcome } from "../src/uploads.js";
import { between, seeded } from "./random.js";

const RECEIVED: Outcome = { kind: "received" };

/** Time that passes when everything waits for it. */
class Time {
  #now = 0;
  #timers: { at: number; call: () => void }[] = [];

  readonly clock = { now: (): number => this.#now };

  readonly timer = (call: () => void, delay: number): (() => void) => {
    const entry = { at: this.#now + delay, call };
    this.#timers.push(entry);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== entry);
    };
  };

  async wait(delay: number): Promise<void> {
    return new Promise((resolve) => this.timer(resolve, delay));
  }

  /** Let time pass until nothing waits any more. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#timers.sort((one, other) => one.at - other.at).shift();
      if (next === undefined) {
        return;
      }
      this.#now = Math.max(this.#now, next.at);
      next.call();
    }
  }
}

test("every piece is sent until it is received, three at most at a time, whatever fails", async () => {
  for (let seed = 1; seed <= 50; seed++) {
    const [random, time] = [seeded(seed), new Time()];
    const count = between(random, 1, 30);
    const received = new Set<number>();
    let [sending, most] = [0, 0];
    const send = async (number: number): Promise<Outcome> => {
      sending += 1;
      most = Math.max(most, sending);
      await time.wait(between(random, 1, 5000));
      sending -= 1;
      if (random() < 0.4) {
        return { kind: "failed", after: between(random, 0, 3000), forAll: random() < 0.5 };
      }
      assert.ok(!received.has(number), "what was received is not sent again");
      received.add(number);
      return RECEIVED;
    };
    const uploads = new Uploads({ send, random, clock: time.clock, timer: time.timer });
    for (let number = 1; number <= count; number++) {
      uploads.add(number);
      uploads.add(number);
    }
    let done = false;
    void uploads.idle().then(() => {
      done = true;
    });
    await time.run();

    assert.ok(done, `seed ${seed}`);
    assert.deepEqual([received.size, uploads.open, most <= 3], [count, 0, true], `seed ${seed}`);
  }
});

test("low numbers go first", async () => {
  const [time, sent] = [new Time(), [] as number[]];
  const send = async (number: number): Promise<Outcome> => {
    sent.push(number);
    await time.wait(10);
    return RECEIVED;
  };
  const uploads = new Uploads({ send, parallel: 1, clock: time.clock, timer: time.timer });
  for (const number of [9, 4, 7, 2]) {
    uploads.add(number);
  }
  await time.run();

  assert.deepEqual(sent, [9, 2, 4, 7]);
});

test("without an answer, one piece at a time tries again, later and later, and Retry-After is kept", async () => {
  const [time, tries] = [new Time(), [] as number[]];
  let reachable = false;
  const send = async (): Promise<Outcome> => {
    tries.push(time.clock.now());
    await time.wait(0);
    return reachable ? RECEIVED : { kind: "failed", after: 5000, forAll: true };
  };
  const uploads = new Uploads({ send, random: () => 1, clock: time.clock, timer: time.timer });
  for (const number of [1, 2, 3, 4, 5]) {
    uploads.add(number);
  }
  time.timer(() => (reachable = true), 100_000);
  await time.run();

  assert.deepEqual(tries.slice(0, 3), [0, 0, 0], "nobody knew");
  const alone = tries.filter((at) => at > 0 && at < 100_000);
  assert.deepEqual(alone, [...new Set(alone)]);
  const pauses = alone.slice(1).map((at, index) => at - (alone[index] ?? 0));
  assert.ok(pauses.every((pause) => pause >= 5000), String(pauses));
  assert.deepEqual(pauses, [...pauses].sort((one, other) => one - other), "later and later");
  assert.equal(uploads.open, 0);
});

test("a network that is back is used at once", async () => {
  const [time, tries] = [new Time(), [] as number[]];
  let reachable = false;
  const send = async (): Promise<Outcome> => {
    tries.push(time.clock.now());
    await time.wait(0);
    return reachable ? RECEIVED : { kind: "failed", after: 50_000, forAll: true };
  };
  const uploads = new Uploads({ send, clock: time.clock, timer: time.timer });
  uploads.add(1);
  time.timer(() => {
    reachable = true;
    uploads.retryNow();
  }, 1000);
  await time.run();

  assert.deepEqual(tries, [0, 1000]);
});

test("one piece that fails does not hold the others up", async () => {
  const [time, received] = [new Time(), [] as number[]];
  let failures = 0;
  const send = async (number: number): Promise<Outcome> => {
    await time.wait(1);
    if (number === 1 && failures < 6) {
      failures += 1;
      return { kind: "failed", after: 0, forAll: false };
    }
    received.push(number);
    return RECEIVED;
  };
  const uploads = new Uploads({ send, parallel: 1, random: () => 1, clock: time.clock, timer: time.timer });
  for (const number of [1, 2, 3]) {
    uploads.add(number);
  }
  await time.run();

  assert.deepEqual(received, [2, 3, 1]);
});

test("a refused piece is not sent again, and a refusal of all halts the others", async () => {
  const [time, sent] = [new Time(), [] as number[]];
  const send = async (number: number): Promise<Outcome> => {
    sent.push(number);
    await time.wait(1);
    return { kind: "refused", halts: number === 2 };
  };
  const uploads = new Uploads({ send, parallel: 1, clock: time.clock, timer: time.timer });
  for (const number of [1, 2, 3]) {
    uploads.add(number);
  }
  let idle = false;
  void uploads.idle().then(() => {
    idle = true;
  });
  await time.run();

  assert.deepEqual([sent, idle, uploads.open], [[1, 2], true, 1]);
});
