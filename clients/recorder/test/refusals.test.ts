import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unavailable } from "../src/api.js";
import { endsRecording, outcomeOf } from "../src/refusals.js";

test("consent, a session that is gone, and states that take no audio end the recording", () => {
  const consent = new Refused(403, { type: "urn:synapseai:problem:consent-missing" });
  assert.equal(consent.reason, "consent-missing");
  const cancelled = new Refused(409, { code: "session_cancelled" });
  for (const refused of [consent, cancelled, new Refused(404, {}), new Refused(410, {})]) {
    assert.ok(endsRecording(refused));
    assert.deepEqual(outcomeOf(refused), { kind: "refused", halts: true });
  }
});

test("what concerns one piece does not end the others", () => {
  const codes = ["piece_differs", "session_paused"];
  const conflicts = codes.map((code) => new Refused(409, { code }));
  for (const refused of [...conflicts, new Refused(413, {}), new Refused(422, {})]) {
    assert.ok(!endsRecording(refused));
    assert.deepEqual(outcomeOf(refused), { kind: "refused", halts: false });
  }
});

test("after another device took over, or the session ended, what was captured before is still sent", () => {
  for (const code of ["taken_over", "session_state", "recording_ended", "recording_full"]) {
    const refused = new Refused(409, { code });
    assert.ok(endsRecording(refused));
    assert.deepEqual(outcomeOf(refused), { kind: "refused", halts: false });
  }
});

test("no answer, overload and an expired token are tried again, for all pieces at once", () => {
  for (const status of [0, 401, 429, 503]) {
    assert.deepEqual(outcomeOf(new Unavailable(status, 7)), { kind: "failed", after: 7, forAll: true });
  }
});

test("an error of the server or of the store is tried again for its piece alone", () => {
  assert.deepEqual(outcomeOf(new Unavailable(500, 0)), { kind: "failed", after: 0, forAll: false });
  assert.deepEqual(outcomeOf(new DOMException("", "QuotaExceededError")), { kind: "failed", after: 0, forAll: false });
});
