"""Gemini on Vertex AI: generates JSON that conforms to a schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.singleton import singleton

_TRANSIENT_STATUS = {408, 429, 500, 502, 503, 504}


class WriterBusy(Exception):
    """The model is temporarily unavailable; retry later."""


class WriterRefused(Exception):
    """The model rejects the request permanently; the argument is a reason code."""


@dataclass(frozen=True)
class Written:
    """The generated text, and the model version that the service reports."""

    text: str
    model: str


def model() -> str:
    """The model in use."""
    name: str = settings.load(settings.Writer).writer_model
    return name


def write(instruction: str, prompt: str, schema: Mapping[str, Any]) -> Written:
    """Generate JSON that conforms to the schema. Raises WriterBusy or WriterRefused."""
    import httpx2
    from google.genai import errors, types

    config = types.GenerateContentConfig(
        system_instruction=instruction,
        temperature=0,
        response_mime_type="application/json",
        response_schema=dict(schema),
    )
    try:
        response = _client().models.generate_content(model=model(), contents=prompt, config=config)
    except errors.APIError as error:
        if error.code in _TRANSIENT_STATUS:
            raise WriterBusy(f"status {error.code}") from None
        raise WriterRefused(f"writer_error_{error.code}") from None
    except httpx2.TransportError as error:
        raise WriterBusy(type(error).__name__) from None
    candidate = response.candidates[0] if response.candidates else None
    if candidate is None or candidate.finish_reason != types.FinishReason.STOP or not response.text:
        raise WriterRefused("writer_stopped_early")
    return Written(text=response.text, model=response.model_version or model())


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
