"""Languages of recordings: what the speech model in use takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.gateways import speech_models
from shared.records.problems import FieldError
from shared.records.spoken_languages import SpeechSettings


def errors_of(languages: Sequence[str], parent: str = "") -> Iterator[FieldError]:
    """Why a request with these languages, the main one first, is refused; its fields are in the object `parent`."""
    for refused in speech_models.refused_languages(languages):
        yield FieldError(f"{parent}/{'other_languages' if refused.position else 'language'}", refused.reason)


def taken(settings: SpeechSettings) -> SpeechSettings:
    """Settings that were chosen earlier, perhaps for another model: without other languages if the model in use does
    not take them."""
    if not speech_models.refused_languages(settings.languages):
        return settings
    return settings.model_copy(update={"other_languages": []})
