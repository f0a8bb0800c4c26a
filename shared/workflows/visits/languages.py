"""Languages of recordings: what the speech model in use takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.lazily import lazily
from shared.records.problems import FieldError
from shared.records.spoken_languages import SpeechSettings
from shared.store import profile_excerpts
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.gateways import speech_models
    from shared.records.visits.requests import NewSession


def errors_of(languages: Sequence[str], parent: str = "") -> Iterator[FieldError]:
    """Why a request with these languages, the main one first, is refused; its fields are in the object `parent`."""
    for refused in speech_models.refused_languages(languages):
        yield FieldError(f"{parent}/{'other_languages' if refused.position else 'language'}", refused.reason)


def chosen(work: UnitOfWork, new: NewSession) -> SpeechSettings:
    """Those of the request, or else of the doctor's profile."""
    if "stt_settings" in new.model_fields_set:
        return new.stt_settings
    usual = profile_excerpts.excerpt(work, work.user_id).stt_settings
    return _taken(usual) if usual else new.stt_settings


def _taken(settings: SpeechSettings) -> SpeechSettings:
    """Settings of a profile, perhaps made for another model: without other languages if the model in use does not take
    them. It may not take the main one either."""
    if not speech_models.refused_languages(settings.languages):
        return settings
    return settings.model_copy(update={"other_languages": []})
