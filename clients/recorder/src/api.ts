import { retryAfter } from "./backoff.js";
import type { Ends } from "./cutter.js";

/** What the API has of a piece: proof that it is stored. */
export interface Receipt {
  readonly recording_id: string;
  readonly number: number;
  readonly size_bytes: number;
  /** Of the piece as it was sent, in hexadecimal. */
  readonly sha256: string;
  readonly generation: number;
  readonly start_ms: number;
  readonly duration_ms: number;
  readonly ends: Ends | null;
  readonly received_at: string;
  readonly captured_at: string;
  /** What was recognised. It is provisional: the transcription of the whole recording replaces it. */
  readonly text: string | null;
  readonly text_status: "recognised" | "no_speech" | "failed";
}

/** A recording whose audio comes in pieces, as the API has it. */
export interface LiveRecording {
  readonly recording_id: string;
  readonly recorder_id: string;
  readonly state: "open" | "taken_over" | "ended" | "joined" | "refused" | "deleted" | "expired";
  /** Ranges of the numbers that the API expects and does not have. */
  readonly missing: readonly { readonly first: number; readonly last: number }[];
  /** The number of the last piece; null while the end is not known. */
  readonly last_piece: number | null;
}

/** A problem of the API (RFC 9457). */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly code?: string;
  readonly [member: string]: unknown;
}

/** A request that the API refuses whenever it is repeated. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail ?? problem.title ?? `The API answered ${status}.`);
  }

  /** The code of the conflict, or the name of the problem: `another_recorder`, `consent-missing`. */
  get reason(): string {
    return this.problem.code ?? this.problem.type?.split(":").at(-1) ?? `status_${this.status}`;
  }
}

/** A request that may succeed when it is repeated. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";

  constructor(
    /** 0 if no answer came. */
    readonly status: number,
    /** The milliseconds for which the API asked not to be called. */
    readonly retryAfter: number,
  ) {
    super(status === 0 ? "No answer came." : `The API answered ${status}.`);
  }
}

/** Firebase's ID token of the signed-in user. `refresh` is true when the last one was refused: get another one. */
export type Token = (options: { refresh: boolean }) => Promise<string>;

/** A piece as it is sent. */
export interface Sent {
  readonly recordingId: string;
  readonly number: number;
  readonly startMs: number;
  readonly capturedAt: number;
  readonly ends: Ends | null;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

/** Milliseconds: longer than the API takes to recognise a piece. */
const DEADLINE = 60_000;

/** The operations for the audio of one session. Each raises Refused or Unavailable. */
export class Api {
  #refresh = false;

  constructor(
    /** With the version: `https://api.clinic.example/api/v1`. */
    private readonly url: string,
    private readonly sessionId: string,
    private readonly token: Token,
  ) {}

  /** Open a live recording, or find that of the same recorder again. */
  async open(recorderId: string, takeOver: boolean): Promise<{ readonly id: string }> {
    const body = { recorder_id: recorderId, content_type: "audio/wav", take_over: takeOver };
    return this.#call("POST", "", { "Content-Type": "application/json" }, JSON.stringify(body));
  }

  async send(piece: Sent): Promise<Receipt> {
    const query = new URLSearchParams({
      recording_id: piece.recordingId,
      start_ms: String(piece.startMs),
      captured_at: new Date(piece.capturedAt).toISOString(),
      ...(piece.ends === null ? {} : { ends: piece.ends }),
    });
    const digest = btoa(String.fromCharCode(...piece.sha256));
    const headers = { "Content-Type": "audio/wav", "Content-Digest": `sha-256=:${digest}:` };
    return this.#call("POST", `/pieces/${piece.number}?${query.toString()}`, headers, piece.body);
  }

  /** What the API has of a recording; null if it knows none of this id. */
  async find(recordingId: string): Promise<LiveRecording | null> {
    const { recordings } = await this.#call<{ recordings: LiveRecording[] }>("GET", "", {}, null);
    return recordings.find((recording) => recording.recording_id === recordingId) ?? null;
  }

  async #call<T>(method: string, path: string, headers: Record<string, string>, body: BodyInit | null): Promise<T> {
    const url = `${this.url}/sessions/${encodeURIComponent(this.sessionId)}/audio${path}`;
    let response: Response;
    try {
      const token = await this.token({ refresh: this.#refresh });
      const authorised = { ...headers, Authorization: `Bearer ${token}` };
      response = await fetch(url, { method, headers: authorised, body, signal: AbortSignal.timeout(DEADLINE) });
      this.#refresh = response.status === 401;
      if (response.ok) {
        return (await response.json()) as T;
      }
    } catch {
      throw new Unavailable(0, 0);
    }
    if (isTemporary(response.status)) {
      throw new Unavailable(response.status, retryAfter(response.headers.get("Retry-After"), Date.now()));
    }
    const problem = (await response.json().catch(() => ({}))) as Problem;
    throw new Refused(response.status, problem);
  }
}

function isTemporary(status: number): boolean {
  return [401, 408, 425, 429].includes(status) || status >= 500;
}
