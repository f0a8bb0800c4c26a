/** Milliseconds: the first delay is below BASE, and none is above LONGEST. */
const BASE = 1000;
const LONGEST = 60_000;

/**
 * The milliseconds to wait after the given number of failures in a row: exponential backoff with full jitter, which is
 * any time from 0 to min(LONGEST, BASE · 2^(failures - 1)). `random` gives a number from 0 to 1.
 */
export function backoff(failures: number, random: () => number): number {
  return random() * Math.min(LONGEST, BASE * 2 ** (failures - 1));
}

/** The milliseconds of a Retry-After header (RFC 9110, 10.2.3): seconds or a date. 0 without one that can be read. */
export function retryAfter(header: string | null, now: number): number {
  if (header === null) {
    return 0;
  }
  if (/^\d+$/.test(header.trim())) {
    return 1000 * Number(header);
  }
  return Math.max(0, (Date.parse(header) || now) - now);
}
