"""The local Gemini endpoint: Vertex AI's REST calls, answered by the extractive writer.

It implements the protocol of the google-genai client's Vertex mode. Responses name a local model (`modelVersion`), and
token counts are estimates: four characters per token.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from local.services.gemini import generation_config
from local.services.gemini import schema as response_schema
from local.services.gemini.erring import Error, erred, truncated
from local.services.gemini.noted import noted
from local.services.gemini.script import Answer, Script
from local.services.gemini.transcript import parse
from local.services.gemini.writer import write
from local.services.kit.identity import caller
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.wsgi import hang_up

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MODEL_VERSION = "local-extractive-1"
_CHARACTERS_PER_TOKEN = 4
_STREAM_PIECE = 800
"""Characters in one event of a streamed response."""
_MODEL = "projects/<project>/locations/<location>/publishers/google/models/<model>"
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_JSON = "application/json"


class ApiError(Exception):
    """The call fails with this HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class _Generation:
    """The generated text of one request."""

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int
    id: str

    model_version: str = MODEL_VERSION
    block_reason: str | None = None

    def as_json(self, text: str, *, last: bool = True) -> dict[str, Any]:
        """A GenerateContentResponse with `text` as its content; in a stream, with a part of the text."""
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
        body: dict[str, Any] = {"candidates": [candidate], "modelVersion": self.model_version, "responseId": self.id}
        if self.block_reason:
            body["candidates"], body["promptFeedback"] = [], {"blockReason": self.block_reason}
        if last:
            candidate["finishReason"] = self.finish_reason
            body["usageMetadata"] = {
                "promptTokenCount": self.input_tokens,
                "candidatesTokenCount": self.output_tokens,
                "totalTokenCount": self.input_tokens + self.output_tokens,
            }
        return body


class GeminiEndpoint:
    """generateContent, streamGenerateContent and countTokens of publisher models."""

    def __init__(self, recorder: Recorder, script: Script | None = None) -> None:
        self._recorder = recorder
        self._script = script or Script()
        methods = {
            "generateContent": self._generate,
            "streamGenerateContent": self._stream,
            "countTokens": self._count_tokens,
        }
        self._routes = Map(
            Rule(f"/{version}/{_MODEL}:{method}", methods=["POST"], endpoint=endpoint)
            for version in ("v1", "v1beta1")
            for method, endpoint in methods.items()
        ).bind("")

    def app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The endpoint as a WSGI application."""
        request = Request(environ)
        try:
            endpoint, names = self._routes.match(request.path, request.method)
            response: Response = endpoint(request, names["model"])
        except ApiError as error:
            response = _error(error.status, error.message)
        except HTTPException:
            response = _error(404, "The requested URL was not found on this server.")
        except AnswerLost:
            hang_up(environ)
        return response(environ, start_response)

    def _generate(self, request: Request, model: str) -> Response:
        body, start = _body(request), time.perf_counter()
        generated, planted = _generated(body, self._script.next_error()), self._script.next(body)
        answer, seconds = _as_planted(generated, planted), time.perf_counter() - start
        self._record(request, "generateContent", model, (answer.input_tokens, answer.output_tokens), seconds)
        if planted.status is not None:
            raise ApiError(planted.status, "Planted by a test.")
        return _json(answer.as_json(answer.text))

    def _stream(self, request: Request, model: str) -> Response:
        answer = _generated(_body(request))
        self._record(request, "streamGenerateContent", model, (answer.input_tokens, answer.output_tokens))
        return Response(_events(answer), mimetype="text/event-stream")

    def _count_tokens(self, request: Request, model: str) -> Response:
        text = _prompt(_body(request))
        self._record(request, "countTokens", model, (_tokens(text), 0))
        return _json({"totalTokens": _tokens(text), "totalBillableCharacters": len("".join(text.split()))})

    def _record(self, request: Request, method: str, model: str, tokens: tuple[int, int], seconds: float = 0.0) -> None:
        """Record a call with the tokens of its input and its output."""
        amounts = dict(zip(("input_tokens", "output_tokens"), tokens, strict=True))
        name = caller(request.headers.get("authorization"))
        self._recorder.record(Call("gemini", method, name, model, amounts, seconds))


def _body(request: Request) -> Mapping[str, Any]:
    if not request.headers.get("authorization", "").startswith("Bearer "):
        raise ApiError(401, "Request is missing required authentication credential.")
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise ApiError(400, "Invalid JSON payload received.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Invalid JSON payload received. The root must be an object.")
    return body


def _prompt(body: Mapping[str, Any]) -> str:
    """The text of the system instruction and of all contents."""
    instruction = body.get("systemInstruction")
    return "\n".join([*(_texts([instruction]) if instruction else []), *_contents(body)])


def _contents(body: Mapping[str, Any]) -> list[str]:
    contents = body.get("contents")
    texts = _texts(contents) if isinstance(contents, list) else []
    if not any(text.strip() for text in texts):
        raise ApiError(400, "Unable to submit request because it must have a text parameter in contents.")
    return texts


def _texts(contents: Iterable[Any]) -> list[str]:
    """The text parts of a list of contents."""
    try:
        return [part["text"] for content in contents for part in content.get("parts", ()) if "text" in part]
    except (AttributeError, TypeError):
        raise ApiError(400, "Invalid value at 'contents'.") from None


def _generated(body: Mapping[str, Any], error: tuple[Error, Random] | None = None) -> _Generation:
    """Generate the report requested by the contents, in the format of the generation config; with an error, if any."""
    contents = _contents(body)
    config = body.get("generationConfig") or {}
    if not isinstance(config, dict):
        raise ApiError(400, "Invalid value at 'generation_config'.")
    schema = config.get("responseSchema") or config.get("responseJsonSchema")
    as_json = config.get("responseMimeType") == _JSON
    if schema and not as_json:
        raise ApiError(400, f"A response schema needs the response MIME type {_JSON}.")
    if schema and (problem := response_schema.problem(schema)):
        raise ApiError(400, problem)
    if problem := generation_config.problem(config):
        raise ApiError(400, problem)
    if (last := body["contents"][-1]) and last.get("role") == "model":
        raise ApiError(400, "The last content must be of the user: prefilled answers are not supported.")
    prompt = parse("\n".join(contents))
    statements = [*noted(prompt.sections, prompt.notes), *write(prompt.sections, prompt.turns)]
    statements = erred(statements, prompt, *error) if error else statements
    if as_json:
        text = json.dumps(response_schema.fill(schema or response_schema.DEFAULT, statements), ensure_ascii=False)
    else:
        text = "\n".join(statement.text for statement in statements)
    if error and error[0] is Error.TRUNCATE:
        return replace(_limited(truncated(text, error[1]), None, _tokens(_prompt(body))), finish_reason="MAX_TOKENS")
    return _limited(text, config.get("maxOutputTokens"), _tokens(_prompt(body)))


def _as_planted(answer: _Generation, planted: Answer) -> _Generation:
    text = answer.text if planted.text is None else planted.text
    return replace(
        answer,
        text=text,
        finish_reason=answer.finish_reason if planted.finish_reason == "STOP" else planted.finish_reason,
        model_version=answer.model_version if planted.model_version is None else planted.model_version,
        block_reason=planted.block_reason,
        output_tokens=_tokens(text),
    )


def _limited(text: str, most: int | None, input_tokens: int) -> _Generation:
    """The result, cut at the limit of output tokens as the real model does."""
    over = most is not None and _tokens(text) > most
    text = text[: most * _CHARACTERS_PER_TOKEN] if over and most is not None else text
    return _Generation(text, "MAX_TOKENS" if over else "STOP", input_tokens, _tokens(text), uuid.uuid4().hex)


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def _events(answer: _Generation) -> Iterator[str]:
    """The response as server-sent events; the last one has the finish reason."""
    starts = range(0, max(1, len(answer.text)), _STREAM_PIECE)
    for start in starts:
        piece = answer.as_json(answer.text[start : start + _STREAM_PIECE], last=start == starts[-1])
        yield f"data: {json.dumps(piece)}\r\n\r\n"


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status, mimetype=_JSON)


def _error(status: int, message: str) -> Response:
    return _json({"error": {"code": status, "message": message, "status": _STATUSES[status]}}, status)
