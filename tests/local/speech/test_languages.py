"""Of several languages, each channel has that of its most certain words."""

from __future__ import annotations

from local.services.speech import results
from local.services.speech.languages import transcribed
from local.services.speech.transcript import Job, Transcript, Word
from tests.local.speech.requests import recognition_config

CERTAIN = {"en": (0.9, 0.2), "hi": (0.3, 0.8)}


def whisper(job: Job) -> Transcript:
    """A word on each channel, which says its language."""
    channels = tuple((Word(job.language, 0.0, 1.0, confidence),) for confidence in CERTAIN[job.language])
    return Transcript(channels, 1.0)


def test_each_channel_has_the_language_of_its_most_certain_words() -> None:
    config = recognition_config(language_codes=["hi-IN", "en-IN"])

    found = results.results(transcribed(whisper, Job(b""), ["hi", "en"]), config)

    assert [(one.alternatives[0].transcript, one.language_code) for one in found] == [("en", "en-IN"), ("hi", "hi-IN")]


def test_one_language_is_transcribed_once() -> None:
    jobs: list[str] = []

    def counted(job: Job) -> Transcript:
        jobs.append(job.language)
        return whisper(job)

    found = results.results(transcribed(counted, Job(b""), ["en"]), recognition_config(language_codes=["en-IN"]))

    assert (jobs, {one.language_code for one in found}) == (["en"], {"en-IN"})
