// An app that registers a patient and changes a profile. `node client.js URL TOKEN` prints the responses, as JSON.
import createClient from "openapi-fetch";

import type { components, paths } from "./schema";

type Problem = components["schemas"]["ProblemDetails"];
type Progress = components["schemas"]["Progress"];

declare const process: { argv: string[] };

const [baseUrl, token] = process.argv.slice(2);
if (baseUrl === undefined || token === undefined) {
  throw new Error("node client.js URL TOKEN");
}
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });
const once = () => ({ header: { "Idempotency-Key": crypto.randomUUID() } });

/** The data of a response. Throws an error with the title of a problem. */
function got<T>({ data, error }: { data?: T; error?: Problem }): T {
  if (data === undefined) {
    throw new Error(error?.title ?? "nothing came");
  }
  return data;
}

/** The problem of a response. Throws an error if the request was not refused. */
function refused({ data, error }: { data?: unknown; error?: Problem }): Problem {
  if (error === undefined) {
    throw new Error(`not refused: ${JSON.stringify(data)}`);
  }
  return error;
}

/** The data of a stream's first event. */
async function first(body: ReadableStream<Uint8Array> | null): Promise<Progress> {
  if (body === null) {
    throw new Error("no stream came");
  }
  const [reader, decoder] = [body.getReader(), new TextDecoder()];
  for (let text = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) {
      throw new Error("no event came");
    }
    text += decoder.decode(value, { stream: true });
    const data = /^data: (.*)\n\n/m.exec(text)?.[1];
    if (data !== undefined) {
      await reader.cancel();
      return JSON.parse(data) as Progress;
    }
  }
}

/** Does not compile unless every code was handled before. */
function unhandled(code: never): never {
  throw new Error(`unknown code: ${String(code)}`);
}

type ConflictCode = components["schemas"]["ConflictProblem"]["code"];

/** Where an app leads the user after a conflict. */
function nextStep(code: ConflictCode): string {
  switch (code) {
    case "address_bounces":
    case "already_member":
    case "already_merged":
    case "appointment_checked_in":
    case "appointment_has_session":
    case "appointment_not_begun":
    case "appointment_not_open":
    case "appointment_offered":
    case "bill_has_payments":
    case "bill_issued":
    case "bill_not_open":
    case "bill_not_priced":
    case "claim_state":
    case "cosignature_pending":
    case "cosignature_required":
    case "day_full":
    case "deaths_differ":
    case "doctor_is_responsible":
    case "has_merged_records":
    case "last_admin":
    case "ledger_full":
    case "message_state":
    case "new_version_open":
    case "no_cosignature_pending":
    case "no_supervisor":
    case "not_merged":
    case "offer_expired":
    case "open_work":
    case "other_patient":
    case "payment_reference_used":
    case "payment_reversed":
    case "pdf_pending":
    case "profile_differs":
    case "profile_incomplete":
    case "psychotherapy_notes":
    case "piece_differs":
    case "recording_closed":
    case "recording_ended":
    case "recording_expected":
    case "recording_full":
    case "recording_joined":
    case "report_empty":
    case "report_exists":
    case "report_not_ready":
    case "report_not_signed":
    case "report_signed":
    case "birth_date_incomplete":
    case "characters_not_printable":
    case "patient_deceased":
    case "report_superseded":
    case "series_over":
    case "series_too_large":
    case "session_cancelled":
    case "session_not_completed":
    case "session_paused":
    case "session_state":
    case "still_running":
    case "taken_over":
    case "template_is_default":
    case "template_not_shared":
    case "template_up_to_date":
    case "too_large_to_move":
    case "too_late_to_reopen":
    case "too_many_corrections":
    case "too_many_addenda":
    case "too_many_appointments":
    case "too_many_doctors":
    case "too_many_merged":
    case "chart_full":
    case "notes_missing":
    case "offer_accepted":
    case "too_many_recordings":
    case "too_many_reports":
    case "too_many_returns":
    case "too_many_reviews":
    case "too_many_to_sort":
    case "transcription_missing":
    case "consent_withdrawn":
    case "consents_full":
    case "recording_deleted":
    case "user_disabled":
    case "user_not_disabled":
    case "waiting_state":
    case "bill_tax_changed":
    case "collection_state":
    case "no_question":
    case "nothing_owed":
    case "patient_not_reachable":
    case "payment_provider_missing":
    case "payment_provider_refused":
    case "reminded_today":
    case "settings_in_use":
    case "statement_too_long":
      return `read the record again: ${code}`;
    default:
      return unhandled(code);
  }
}

/** What an app does with a transcription that failed. */
function afterFailure(code: components["schemas"]["TranscriptionFailure"]): string {
  switch (code) {
    case "audio_empty":
    case "audio_encrypted":
    case "audio_missing":
    case "audio_not_readable":
    case "audio_too_long":
    case "audio_too_long_for_model":
    case "audio_unsupported":
    case "channels_not_supported":
    case "consent_missing":
    case "consent_withdrawn":
    case "deadline_exceeded":
    case "languages_not_supported":
    case "no_result":
    case "operation_lost":
    case "recording_deleted":
    case "result_unreadable":
    case "session_cancelled":
    case "speech_error":
    case "speech_quota":
    case "speech_refused":
    case "speech_unavailable":
      return code;
    default:
      return unhandled(code);
  }
}

const registered = got(
  await api.POST("/api/v1/patients", {
    params: once(),
    body: { first_name: "Zoë", last_name: "Fernandes", date_of_birth: "1984-02-29", primary_phone: "+919845012345" },
  }),
);
const read = got(await api.GET("/api/v1/patients/{id}", { params: { path: { id: registered.id } } }));
const age: number | null = read.age;

const session = got(await api.POST("/api/v1/sessions", { params: once(), body: { patient_id: registered.id } }));
const stream = await api.GET("/api/v1/sessions/{id}/progress", { params: { path: { id: session.id } }, parseAs: "stream" });
const progress = await first(got(stream));

const profile = await api.GET("/api/v1/profile");
const changed = await api.PUT("/api/v1/profile", {
  params: { header: { "If-Match": profile.response.headers.get("ETag") ?? "" } },
  body: { first_name: "Mīrā", last_name: got(profile).last_name },
});

const completed = await api.GET("/api/v1/sessions/{id}", { params: { path: { id: session.id } } });
const ended = await api.POST("/api/v1/sessions/{id}/complete", {
  params: { path: { id: session.id }, header: { "If-Match": completed.response.headers.get("ETag") ?? "" } },
});
const twice = refused(
  await api.POST("/api/v1/sessions/{id}/complete", {
    params: { path: { id: session.id }, header: { "If-Match": ended.response.headers.get("ETag") ?? "" } },
  }),
);
const conflict = twice as components["schemas"]["ConflictProblem"];

const unknown = refused(await api.GET("/api/v1/patients/{id}", { params: { path: { id: "none" } } }));
const invalid = refused(
  await api.POST("/api/v1/patients", {
    params: once(),
    body: { first_name: "", last_name: "", date_of_birth: "1984-02-29" },
  }),
);
const stale = refused(
  await api.PUT("/api/v1/profile", {
    params: { header: { "If-Match": '"999"' } },
    body: { first_name: "Mīrā", last_name: "Iyer" },
  }),
);

console.log(
  JSON.stringify({
    registered: registered.number,
    read: read.number,
    age,
    progress: [progress.session, progress.report],
    name: got(changed).first_name,
    revision: got(changed).revision,
    unknown: [unknown.status, unknown.type],
    conflict: [conflict.status, nextStep(conflict.code)],
    readable: afterFailure("audio_missing"),
    stale: [stale.status, stale.type],
    invalid: [invalid.status, invalid.errors?.map((wrong) => wrong.pointer)],
  }),
);
