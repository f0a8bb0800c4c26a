"""Whether Google offers the speech model and the Gemini model of the deployment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from infra.google_apis import GoogleApis, Missing
from infra.verdicts import Check, Unknown
from shared.gateways import writer
from shared.gateways.speech_models import code_of
from shared.gateways.writer_models import retirement_near

_SHORTEST = {"contents": [{"role": "user", "parts": [{"text": "Say ok"}]}]}


def checks(apis: GoogleApis, wanted: Mapping[str, Any], today: date) -> list[Check]:
    """The checks of this module. That of the Gemini model has it write a word, which is the only proof and costs less
    than a thousandth of a cent."""
    model, place = wanted["speech_model"], wanted["speech_location"]
    return [
        *(
            Check(
                f"{model} recognises {language} in {place}",
                partial(_not_recognised, apis, wanted, language),
                "change speech_model, speech_location or speech_languages (shared/gateways/speech_models.json)",
            )
            for language in wanted["speech_languages"] or []
        ),
        Check(
            f"{wanted['writer_model']} writes in {wanted['writer_location']}",
            lambda: _does_not_write(apis, wanted),
            "change writer_model or writer_location (shared/gateways/writer_models.json)",
        ),
        Check(
            f"{wanted['writer_model']} is not retired within 90 days",
            lambda: _retired(wanted["writer_model"], today),
            "choose its successor (shared/gateways/writer_models.json)",
        ),
    ]


def _not_recognised(apis: GoogleApis, wanted: Mapping[str, Any], language: str) -> Iterator[str]:
    """The Locations API of Speech-to-Text lists the models of each language."""
    place = wanted["speech_location"]
    host = "speech.googleapis.com" if place == "global" else f"{place}-speech.googleapis.com"
    location = apis.get(f"{host}/v2/projects/{apis.project}/locations/{place}")
    languages = location.get("metadata", {}).get("languages", {}).get("models", {})
    if not languages:
        raise Unknown("the location lists no languages")
    offered = languages.get(code_of(language), {}).get("modelFeatures", {})
    if wanted["speech_model"] not in offered:
        others = [code for code, models in languages.items() if wanted["speech_model"] in models["modelFeatures"]]
        yield f"models for it: {_names(offered)}; languages of the model: {_names(others)}"


def _names(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def _does_not_write(apis: GoogleApis, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Reports count only if the model answers under its own name (shared/gateways/writer.py)."""
    model, place = wanted["writer_model"], wanted["writer_location"]
    host = "aiplatform.googleapis.com" if place == "global" else f"{place}-aiplatform.googleapis.com"
    path = f"v1/projects/{apis.project}/locations/{place}/publishers/google/models/{model}:generateContent"
    limits = {"maxOutputTokens": 64, "thinkingConfig": {"thinkingLevel": writer.THINKING_LEVEL}}
    try:
        answer = apis.post(f"{host}/{path}", {**_SHORTEST, "generationConfig": limits})
    except Missing:
        yield "not offered there"
        return
    answered = str(answer["modelVersion"]).rpartition("/")[2]
    if not writer.is_pinned(answered, model):
        yield f"it answers as {answered}, and every report would be refused"


def _retired(model: str, today: date) -> Iterator[str]:
    if retires := retirement_near(model, today):
        yield f"Google retires it on {retires}"
