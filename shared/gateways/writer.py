"""Gemini on Vertex AI: writes what it is asked, in the JSON form it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.singleton import singleton

_PASSING = {408, 429, 500, 502, 503, 504}


class WriterBusy(Exception):
    """The model cannot answer now: ask again later."""


class WriterRefused(Exception):
    """The model will not answer this; the argument is a reason code."""


@dataclass(frozen=True)
class Written:
    """What the model wrote, and which model it says it is."""

    text: str
    model: str


def model() -> str:
    """The model in use."""
    name: str = settings.load(settings.Writer).writer_model
    return name


def write(instruction: str, prompt: str, schema: Mapping[str, Any]) -> Written:
    """One answer in JSON of the given schema. Raises WriterBusy or WriterRefused."""
    import httpx2
    from google.genai import errors, types

    config = types.GenerateContentConfig(
        system_instruction=instruction,
        temperature=0,
        response_mime_type="application/json",
        response_schema=dict(schema),
    )
    try:
        answer = _client().models.generate_content(model=model(), contents=prompt, config=config)
    except errors.APIError as error:
        if error.code in _PASSING:
            raise WriterBusy(f"status {error.code}") from None
        raise WriterRefused(f"writer_error_{error.code}") from None
    except httpx2.TransportError as error:
        raise WriterBusy(type(error).__name__) from None
    candidate = answer.candidates[0] if answer.candidates else None
    if candidate is None or candidate.finish_reason != types.FinishReason.STOP or not answer.text:
        raise WriterRefused("writer_stopped_early")
    return Written(text=answer.text, model=answer.model_version or model())


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
