"""The audio of a visit that was lost, as the report says it: not a statement of the model. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.records.types import Zone
from shared.records.visits.ids import number_of_recording
from shared.records.visits.lost_audio import LostAudio
from shared.render.bidi import isolated
from shared.render.report_signature import moment
from shared.render.words.vocabulary import Words


def lines_of(lost: Sequence[LostAudio], zone: Zone, words: Words) -> Iterator[str]:
    """One line for each place: where, how much, and what the doctor declared. If a line stands for further places, the
    last one says how many there are, and where they are named."""
    for one in lost:
        place = words.lost_audio.place.format(
            time=_time(one.start_ms), recording=number_of_recording(one.recording_id), length=_length(one, words)
        )
        yield f"{place} {_declared(one, zone, words)}"
    if (places := sum(one.places for one in lost)) > len(lost):
        yield words.lost_audio.in_all.of(places)


def _length(one: LostAudio, words: Words) -> str:
    labels = words.lost_audio
    length = labels.unknown_length if one.seconds is None else labels.seconds.of(max(1, round(one.seconds)))
    return words.listed.join([length, *([labels.further.of(one.places - 1)] if one.places > 1 else [])])


def _declared(one: LostAudio, zone: Zone, words: Words) -> str:
    if one.declared_at is None:
        return words.lost_audio.undeclared
    when = moment(one.declared_at, zone, words)
    return words.lost_audio.declared.format(when=when, reason=isolated(one.reason or ""))


def _time(ms: int) -> str:
    """`1:02:03`, or `2:03` before the first hour."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
