"""The recogniser of tones, and batches of several files with a model that takes minutes only."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
import soundfile
from google.cloud import speech_v2

from local.services.speech import tones
from local.services.speech.engine import AudioTooLong
from local.services.speech.tones import Spoken, ToneRecogniser
from local.services.speech.transcript import Job, Word
from tests.local.speech.endpoint import Running
from tests.local.speech.requests import AUDIO, batch_request

SPOKEN = [Spoken(word % tones.WORDS, word // 5 % 2, 0.1 + 0.4 * word) for word in range(100)]
ENCODED = tones.encode(SPOKEN, 41)
LABELS = {"diarization_config": {}, "enable_word_time_offsets": True}
INVALID_ARGUMENT = 3


def file_of(samples: Any, kind: str = "FLAC", subtype: str = "PCM_16") -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, tones.ENCODED_RATE, format=kind, subtype=subtype)
    return file.getvalue()


def heard(samples: Any, *encoding: str) -> tuple[Word, ...]:
    return ToneRecogniser().transcribe(Job(file_of(samples, *encoding))).channels[0]


@pytest.mark.parametrize("encoding", [("FLAC", "PCM_16"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")])
def test_every_word_is_heard_in_its_place(encoding: tuple[str, str]) -> None:
    words = heard(ENCODED, *encoding)

    assert [word.text for word in words] == [one.text for one in SPOKEN]
    assert all(abs(word.start - one.start) < 0.06 for word, one in zip(words, SPOKEN, strict=True))


def test_audio_may_be_cut_anywhere() -> None:
    for cut in np.linspace(3, 30, 40):
        words = heard(ENCODED[round(cut * tones.ENCODED_RATE) :])
        left = [one for one in SPOKEN if one.start + tones.WORD_SECONDS - 0.16 > cut + 0.01]
        assert [word.text for word in words][-len(left) :] == [one.text for one in left]
        assert len(words) <= len(left) + 1


def test_labels_are_permuted_from_file_to_file() -> None:
    first = {
        label.label
        for start in range(10)
        for label in ToneRecogniser().labelled(heard(ENCODED[start * 4 * tones.ENCODED_RATE :]))[:1]
    }
    [two] = [{word.label for word in ToneRecogniser().labelled(heard(ENCODED))}]

    assert first == two == {"1", "2"}


def test_too_long_audio_is_refused() -> None:
    with pytest.raises(AudioTooLong):
        ToneRecogniser().transcribe(Job(file_of(ENCODED), longest=40))


@pytest.mark.long
def test_files_of_a_batch_have_results_and_errors_of_their_own(
    local: Running, client: speech_v2.SpeechClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.services.speech.endpoint.LONGEST_OF_MODEL", {"chirp_3": (60.0, 30.0)})
    parts = {
        AUDIO.replace("visit.ogg", f"{at}.flac"): file_of(ENCODED[: at * tones.ENCODED_RATE]) for at in (10, 20, 40)
    }
    local.objects.contents.update(parts)
    request = batch_request(*parts, model="chirp_3", features=LABELS)

    with local.endpoint._script.hearing_tones():
        response = client.batch_recognize(request=request).result(30)

    codes = [response.results[uri].error.code for uri in parts]
    assert codes == [0, 0, INVALID_ARGUMENT]
    written = [response.results[uri].cloud_storage_result.uri for uri in parts if not response.results[uri].error.code]
    names = [uri.rpartition("/")[2] for uri in written]
    assert [name.partition("_transcript_")[0] for name in names] == ["10", "20"]
    assert all(uri in local.objects.contents for uri in written)
