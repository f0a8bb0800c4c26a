"""Gemini on Vertex AI: generates JSON that conforms to a schema.

Sampling parameters (temperature, top_p, top_k) are not sent: the pinned model ignores them, and later models refuse
them. The level of thinking is explicit, since its default differs between models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.gateways.writer_models import without_version
from shared.records.reports.failure import ReportFailure
from shared.singleton import singleton

THINKING_LEVEL = "MINIMAL"
"""The default of Gemini 3.5 Flash-Lite, which all Gemini 3 Flash models accept; thoughts are billed as output."""
MAX_OUTPUT_TOKENS = 32_768
"""Bounds the cost of a repetition loop. A long report has 6,000 tokens."""

_TRANSIENT_STATUS = {408, 429, 499, 500, 502, 503, 504}
"""Errors that Google documents as temporary: overload, quota, cancellation, deadline."""
_DOCUMENTED_STATUS = {400, 401, 403, 404}
_BLOCKING = frozenset(
    ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "MODEL_ARMOR", "ESCALATION")
)
"""Finish reasons of a filter or of an unsupported language: the same request would be blocked again."""


class WriterBusy(Exception):
    """The model is temporarily unavailable; retry later."""


class WriterRefused(Exception):
    """There is no answer, and a later delivery would get none either."""

    def __init__(self, failure: ReportFailure, *, repeatable: bool = False, answered: str = "") -> None:
        super().__init__(failure)
        self.failure = failure
        self.repeatable = repeatable
        """True if the model may answer the same request at once."""
        self.answered = answered
        """The model that answered instead of the configured one."""


@dataclass(frozen=True)
class Written:
    """The generated text, and the model version that the service reports."""

    text: str
    model: str


def model() -> str:
    """The pinned model: the configured name, which must be that of one model and no alias such as `…-latest`."""
    name: str = settings.load(settings.Writer).writer_model
    return name


def is_pinned(answered: str, pinned: str) -> bool:
    """True if the answering model is the pinned one, or the stable version (-001) of a name without a version."""
    return pinned in (answered, without_version(answered))


def write(instruction: str, prompt: str, schema: Mapping[str, Any]) -> Written:
    """Generate JSON that conforms to the schema. Raises WriterBusy or WriterRefused."""
    import httpx2
    from google.genai import errors, types

    config = types.GenerateContentConfig(
        system_instruction=instruction,
        max_output_tokens=MAX_OUTPUT_TOKENS,
        thinking_config=types.ThinkingConfig(thinking_level=types.ThinkingLevel(THINKING_LEVEL)),
        response_mime_type="application/json",
        response_schema=dict(schema),
    )
    try:
        response = _client().models.generate_content(model=model(), contents=prompt, config=config)
    except errors.APIError as error:
        if error.code in _TRANSIENT_STATUS:
            raise WriterBusy(f"status {error.code}") from None
        documented = error.code in _DOCUMENTED_STATUS
        raise WriterRefused(ReportFailure(f"writer_error_{error.code}" if documented else "writer_error")) from None
    except (httpx2.TransportError, errors.UnknownApiResponseError) as error:
        raise WriterBusy(type(error).__name__) from None
    return _written(response)


def _written(response: Any) -> Written:
    """The text of a complete answer of the pinned model."""
    if response.prompt_feedback is not None and response.prompt_feedback.block_reason is not None:
        raise WriterRefused(ReportFailure.WRITER_BLOCKED)
    answered = (response.model_version or "").rpartition("/")[2]
    if not is_pinned(answered, model()):
        raise WriterRefused(ReportFailure.WRITER_OTHER_MODEL, answered=answered)
    candidate = response.candidates[0] if response.candidates else None
    reason = str(candidate.finish_reason.value) if candidate is not None and candidate.finish_reason else ""
    if reason in _BLOCKING:
        raise WriterRefused(ReportFailure.WRITER_BLOCKED)
    if reason == "MAX_TOKENS":
        raise WriterRefused(ReportFailure.WRITER_CUT_OFF, repeatable=True)
    if reason != "STOP" or not response.text:
        raise WriterRefused(ReportFailure.WRITER_STOPPED_EARLY, repeatable=True)
    return Written(text=response.text, model=answered)


@singleton
def _client() -> Any:
    from google import genai
    from google.genai import types

    configured = settings.load(settings.Writer)
    options = types.HttpOptions(base_url=configured.vertex_endpoint, timeout=240_000)
    return genai.Client(
        vertexai=True,
        project=configured.google_cloud_project,
        location=configured.writer_location,
        http_options=options,
    )
