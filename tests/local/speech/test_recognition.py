"""Recognition of batches, files and streams."""

from __future__ import annotations

import json

import pytest
from google.cloud import speech_v2

from local import samples
from local.demo.wer import word_error_rate
from local.services.speech.audio import SAMPLE_RATE, Samples
from tests.local.speech.endpoint import Clip, Running
from tests.local.speech.requests import (
    AUDIO,
    RECOGNIZER,
    RESULTS,
    batch_request,
    recognition_config,
    reference_text,
    texts,
)

pytestmark = pytest.mark.long


def test_a_batch_writes_the_words_of_both_channels_as_json(
    local: Running, client: speech_v2.SpeechClient, sample: samples.Sample, clip: Clip
) -> None:
    local.objects.contents[AUDIO] = clip(".ogg")
    response = client.batch_recognize(batch_request(AUDIO)).result(timeout=60)
    written = response.results[AUDIO].cloud_storage_result.uri
    assert written.startswith(f"{RESULTS}/visit_transcript_")
    assert written.endswith(".json")
    stored = local.objects.contents[written]
    results = speech_v2.BatchRecognizeResults.from_json(stored).results
    heard = texts(results)
    assert word_error_rate(reference_text(sample, "doctor", 2), heard[1]) < 0.15
    assert word_error_rate(reference_text(sample, "patient", 2), heard[2]) < 0.15
    words = json.loads(stored)["results"][0]["alternatives"][0]["words"]
    assert {"startOffset", "endOffset", "word", "confidence"} == set(words[0])
    assert words[0]["startOffset"].endswith("s")


def test_words_have_times_and_results_are_in_spoken_order(
    local: Running, client: speech_v2.SpeechClient, sample: samples.Sample, clip: Clip
) -> None:
    local.objects.contents[AUDIO] = clip(".ogg")
    response = client.batch_recognize(batch_request(AUDIO, inline=True)).result(timeout=60)
    results = response.results[AUDIO].inline_result.transcript.results
    ends = [result.result_end_offset for result in results]
    assert ends == sorted(ends)
    for turn, tag in zip(sample.turns[:2], (1, 2), strict=True):
        words = [word for result in results if result.channel_tag == tag for word in result.alternatives[0].words]
        assert words[0].start_offset.total_seconds() == pytest.approx(turn.start, abs=0.5)
        assert words[-1].end_offset.total_seconds() == pytest.approx(turn.end, abs=0.5)
        assert all(0 < word.confidence <= 1 for word in words)


def test_without_the_flags_there_are_no_words_and_only_the_first_channel_is_heard(
    client: speech_v2.SpeechClient, clip: Clip
) -> None:
    config = recognition_config(features=speech_v2.RecognitionFeatures())
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=clip(".flac"))
    heard = texts(answer.results)
    assert list(heard) == [0]
    assert "sit down" in heard[0]
    assert "low days" not in heard[0]
    assert not any(result.alternatives[0].words for result in answer.results)


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".mp3", ".webm", ".m4a"])
def test_every_recording_format_of_the_apps_is_decoded(client: speech_v2.SpeechClient, clip: Clip, suffix: str) -> None:
    config = recognition_config(features=speech_v2.RecognitionFeatures())
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=clip(suffix))
    assert "good morning" in texts(answer.results)[0].lower()


def test_headerless_audio_is_decoded_with_the_explicit_configuration(
    client: speech_v2.SpeechClient, opening: Samples
) -> None:
    explicit = speech_v2.ExplicitDecodingConfig(
        encoding=speech_v2.ExplicitDecodingConfig.AudioEncoding.LINEAR16,
        sample_rate_hertz=SAMPLE_RATE,
        audio_channel_count=2,
    )
    config = recognition_config(auto_decoding_config=None, explicit_decoding_config=explicit)
    content = (opening * 32767).astype("<i2").T.tobytes()
    answer = client.recognize(recognizer=RECOGNIZER, config=config, content=content)
    assert "sit down" in texts(answer.results)[1]
    assert "low days" in texts(answer.results)[2]


def test_silence_has_no_results(local: Running, client: speech_v2.SpeechClient, silence: bytes) -> None:
    local.objects.contents[AUDIO] = silence
    response = client.batch_recognize(batch_request(AUDIO)).result(timeout=60)
    written = local.objects.contents[response.results[AUDIO].cloud_storage_result.uri]
    assert not speech_v2.BatchRecognizeResults.from_json(written).results


def test_a_stream_returns_final_results(client: speech_v2.SpeechClient, clip: Clip) -> None:
    audio = clip(".flac")
    streaming = speech_v2.StreamingRecognitionConfig(config=recognition_config())
    first = speech_v2.StreamingRecognizeRequest(recognizer=RECOGNIZER, streaming_config=streaming)
    pieces = [speech_v2.StreamingRecognizeRequest(audio=audio[at : at + 20_000]) for at in range(0, len(audio), 20_000)]
    answers = client.streaming_recognize(requests=iter([first, *pieces]))
    results = [result for answer in answers for result in answer.results]
    assert all(result.is_final for result in results)
    assert "sit down" in texts(results)[1]
    assert "low days" in texts(results)[2]
