"""The local Gemini endpoint, called through Google's own client in its Vertex mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from local.services.gemini.endpoint import GeminiEndpoint
from local.services.gemini.script import Answer, Script
from local.services.kit.recorder import Call, Fault, Recorder
from local.services.kit.servers import HttpServer

MODEL = "gemini-3.5-flash-lite"
RULES = "Write only what was said."
PROMPT = """SECTIONS
- history_present_illness: History of Present Illness — course and symptoms
- assessment: Assessment — the practitioner's judgement
- plan.medications: Medications — what is prescribed

TRANSCRIPT
[1] PRACTITIONER: Any chest pain?
[2] PATIENT: No.
[3] PATIENT: I've been sleeping about five hours.
[4] PRACTITIONER: I'd like to increase the sertraline to 75 mg.
"""


def report_schema(sections: list[str]) -> dict[str, Any]:
    statement = {
        "type": "OBJECT",
        "properties": {
            "section": {"type": "STRING", "enum": sections},
            "text": {"type": "STRING"},
            "segments": {"type": "ARRAY", "items": {"type": "INTEGER"}},
        },
        "required": ["section", "text", "segments"],
    }
    return {
        "type": "OBJECT",
        "properties": {"statements": {"type": "ARRAY", "items": statement}},
        "required": ["statements"],
    }


SCHEMA = report_schema(["history_present_illness", "assessment", "plan.medications"])
STATEMENTS = [
    {"section": "history_present_illness", "text": "Patient denies chest pain.", "segments": [1, 2]},
    {"section": "history_present_illness", "text": "Patient reports sleeping about five hours.", "segments": [3]},
    {"section": "plan.medications", "text": "Increase sertraline to 75 mg.", "segments": [4]},
]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def server(recorder: Recorder) -> Iterator[HttpServer]:
    server = HttpServer(GeminiEndpoint(recorder).app)
    yield server
    server.stop()


@pytest.fixture
def client(server: HttpServer, credentials: Credentials) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=server.url, timeout=10_000, retry_options=types.HttpRetryOptions(attempts=1))
    with genai.Client(
        vertexai=True, project="demo-synapse", location="asia-south1", credentials=credentials, http_options=options
    ) as client:
        yield client


def config(**changes: Any) -> types.GenerateContentConfig:
    defaults = {
        "system_instruction": RULES,
        "response_mime_type": "application/json",
        "response_schema": SCHEMA,
        "temperature": 0,
    }
    return types.GenerateContentConfig(**(defaults | changes))


def generate(client: genai.Client, contents: str = PROMPT, **changes: Any) -> types.GenerateContentResponse:
    return client.models.generate_content(model=MODEL, contents=contents, config=config(**changes))


def error_of(client: genai.Client, contents: str = PROMPT, **changes: Any) -> tuple[int, str | None]:
    """The HTTP status and the status name of the error."""
    with pytest.raises(errors.ClientError) as refused:
        generate(client, contents, **changes)
    return refused.value.code, refused.value.status


def test_a_report_has_the_form_of_the_schema(client: genai.Client) -> None:
    answer = generate(client)
    assert json.loads(answer.text or "") == {"statements": STATEMENTS}


def test_a_response_has_the_local_model_finish_reason_and_usage(client: genai.Client) -> None:
    answer = generate(client)
    [candidate] = answer.candidates or []
    usage = answer.usage_metadata
    assert candidate.finish_reason is types.FinishReason.STOP
    assert answer.model_version == "local-extractive-1"
    assert answer.response_id
    assert usage is not None
    assert usage.prompt_token_count == -(-len(f"{RULES}\n{PROMPT}") // 4)
    assert usage.candidates_token_count == -(-len(answer.text or "") // 4)
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count


def test_the_call_is_recorded_for_the_function_that_made_it(client: genai.Client, recorder: Recorder) -> None:
    usage = generate(client).usage_metadata
    assert usage is not None
    amounts = {"input_tokens": usage.prompt_token_count or 0, "output_tokens": usage.candidates_token_count or 0}
    assert recorder.calls() == [Call("gemini", "generateContent", "patients", MODEL, amounts)]


def test_the_enum_of_the_schema_limits_the_sections(client: genai.Client) -> None:
    answer = generate(client, response_schema=report_schema(["plan.medications"]))
    assert json.loads(answer.text or "") == {"statements": STATEMENTS[2:]}


def test_other_schemas_are_filled_by_matching_names_and_types(client: genai.Client) -> None:
    form = {
        "type": "object",
        "properties": {
            "assessment": {"type": ["string", "null"]},
            "history_present_illness": {"type": "string"},
            "plan.medications": {"type": "array", "items": {"type": "string"}},
            "score": {"type": "integer"},
        },
    }
    answer = generate(client, response_schema=None, response_json_schema=form)
    assert json.loads(answer.text or "") == {
        "assessment": None,
        "history_present_illness": "Patient denies chest pain. Patient reports sleeping about five hours.",
        "plan.medications": ["Increase sertraline to 75 mg."],
        "score": 0,
    }


def test_a_prompt_without_a_transcript_has_no_statements(client: genai.Client) -> None:
    assert json.loads(generate(client, "Write me a report about anything.").text or "") == {"statements": []}


def test_a_streamed_response_is_the_same_text_in_pieces(client: genai.Client) -> None:
    transcript = "\n".join(f"[{number}] PATIENT: My knee hurt {number} times today." for number in range(5, 20))
    whole = generate(client, PROMPT + transcript).text
    stream = client.models.generate_content_stream(model=MODEL, contents=PROMPT + transcript, config=config())
    pieces = list(stream)
    reasons = [(piece.candidates or [types.Candidate()])[0].finish_reason for piece in pieces]
    assert "".join(piece.text or "" for piece in pieces) == whole
    assert len(pieces) > 1
    assert reasons == [None] * (len(pieces) - 1) + [types.FinishReason.STOP]


def test_count_tokens_counts_the_prompt(client: genai.Client) -> None:
    assert client.models.count_tokens(model=MODEL, contents=PROMPT).total_tokens == -(-len(PROMPT) // 4)


def test_a_response_is_cut_at_the_limit_of_output_tokens(client: genai.Client) -> None:
    answer = generate(client, max_output_tokens=10)
    [candidate] = answer.candidates or []
    assert candidate.finish_reason is types.FinishReason.MAX_TOKENS
    assert len(answer.text or "") == 40


def test_empty_contents_are_rejected(client: genai.Client) -> None:
    assert error_of(client, " ") == (400, "INVALID_ARGUMENT")


def test_a_deeply_nested_schema_is_rejected(client: genai.Client) -> None:
    nested: dict[str, Any] = {"type": "STRING"}
    for _ in range(8):
        nested = {"type": "OBJECT", "properties": {"below": nested}}
    assert error_of(client, response_schema=nested) == (400, "INVALID_ARGUMENT")


def test_a_schema_with_too_many_values_is_rejected(client: genai.Client) -> None:
    many = report_schema([f"section_{number}" for number in range(201)])
    assert error_of(client, response_schema=many) == (400, "INVALID_ARGUMENT")


@pytest.mark.filterwarnings("ignore:EXTREME is not a valid ThinkingLevel")
@pytest.mark.parametrize(
    "changes",
    [
        {"thinking_config": types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW, thinking_budget=100)},
        {"thinking_config": {"thinking_level": "EXTREME"}},
        {"candidate_count": 2},
    ],
)
def test_a_config_that_the_model_does_not_support_is_rejected(client: genai.Client, changes: dict[str, Any]) -> None:
    assert error_of(client, **changes) == (400, "INVALID_ARGUMENT")


def test_sampling_parameters_are_ignored_and_a_thinking_level_is_accepted(client: genai.Client) -> None:
    thinking = types.ThinkingConfig(thinking_level=types.ThinkingLevel.MINIMAL)
    answer = generate(client, temperature=1.5, top_p=0.1, top_k=3, thinking_config=thinking)
    assert json.loads(answer.text or "") == {"statements": STATEMENTS}


def test_a_prefilled_answer_is_rejected(client: genai.Client) -> None:
    contents = [
        types.Content(role="user", parts=[types.Part(text=PROMPT)]),
        types.Content(role="model", parts=[types.Part(text="{")]),
    ]
    with pytest.raises(errors.ClientError) as refused:
        client.models.generate_content(model=MODEL, contents=contents, config=config())
    assert refused.value.code == 400


def test_planted_answers_replace_one_answer_each(recorder: Recorder, credentials: Credentials) -> None:
    script = Script()
    script.plant(Answer("loop", "MAX_TOKENS", "gemini-3.8-flash"), Answer(block_reason="SAFETY"), Answer(status=429))
    server = HttpServer(GeminiEndpoint(recorder, script).app)
    options = types.HttpOptions(base_url=server.url, timeout=10_000, retry_options=types.HttpRetryOptions(attempts=1))
    with genai.Client(
        vertexai=True, project="demo-synapse", location="asia-south1", credentials=credentials, http_options=options
    ) as client:
        cut, blocked = generate(client), generate(client)
        quota = error_of(client)
        usual = generate(client)
    server.stop()

    assert (cut.text, cut.model_version) == ("loop", "gemini-3.8-flash")
    assert (cut.candidates or [types.Candidate()])[0].finish_reason is types.FinishReason.MAX_TOKENS
    assert blocked.prompt_feedback and blocked.prompt_feedback.block_reason is types.BlockedReason.SAFETY
    assert not blocked.candidates
    assert quota == (429, "RESOURCE_EXHAUSTED")
    assert json.loads(usual.text or "") == {"statements": STATEMENTS}


def test_a_schema_needs_the_json_type(client: genai.Client) -> None:
    assert error_of(client, response_mime_type="text/plain") == (400, "INVALID_ARGUMENT")


def test_an_unknown_method_is_not_found(server: HttpServer) -> None:
    path = f"/v1/projects/p/locations/l/publishers/google/models/{MODEL}:predict"
    answer = httpx.post(server.url + path, json={}, headers={"authorization": "Bearer local"})
    assert (answer.status_code, answer.json()["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("{}", {}, 401),
        ("{", {"authorization": "Bearer local"}, 400),
        ("[]", {"authorization": "Bearer local"}, 400),
        ('{"contents": ["text"]}', {"authorization": "Bearer local"}, 400),
        ('{"contents": [{"parts": [{"text": "x"}]}], "generationConfig": 7}', {"authorization": "Bearer local"}, 400),
    ],
)
def test_a_malformed_request_is_rejected_as_by_the_real_service(
    server: HttpServer, body: str, headers: dict[str, str], status: int
) -> None:
    path = f"/v1beta1/projects/p/locations/l/publishers/google/models/{MODEL}:generateContent"
    answer = httpx.post(server.url + path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


def test_a_lost_response_closes_the_connection_after_the_call_is_counted(
    client: genai.Client, recorder: Recorder
) -> None:
    recorder.plant(Fault("gemini", "generateContent", "patients", "cut"))
    with pytest.raises(Exception, match="Server disconnected"):
        generate(client)
    assert json.loads(generate(client).text or "") == {"statements": STATEMENTS}
    assert len(recorder.calls()) == 2
