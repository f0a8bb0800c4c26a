"""Which recordings of its visit a report covers, and which it lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field

from shared.records.conflict_codes import ConflictCode
from shared.records.privacy import Clinical, Encrypted, Internal, Plain
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp
from shared.records.reports.rewriting import MOST_PLACES, Rewrite
from shared.records.reports.types import ReportSource
from shared.records.text import ShortText
from shared.records.types import Id
from shared.records.visits.ids import recording_of_transcription, take_number
from shared.records.visits.lost_audio import MOST_IN_REPORT, LostAudio, bounded
from shared.records.visits.transcription import Transcription
from shared.records.visits.visit_transcript import TranscriptSource


@dataclass(frozen=True)
class Sources:
    """What a report rests on."""

    found: list[TranscriptSource]
    lost: Sequence[LostAudio] = ()
    """What was spoken and is in none of their recordings."""


class Covering(Record):
    """A record that covers recordings of a visit."""

    transcription_id: Plain[Id | None] = None
    """The transcription of the first recording that the report was drafted from; null for another source."""
    sources: Plain[list[TranscriptSource]] = []
    """The transcriptions that the draft was written from, or that a report by hand is compared with, in the order of
    the recordings; its statements cite their segments, numbered through the visit. Empty until it is written."""
    lost_audio: Clinical[Encrypted[list[LostAudio]]] = Field(default=[], max_length=MOST_IN_REPORT)
    """What was spoken and is in none of these recordings, as the doctor declared it: the report cannot say it."""
    unreported_recordings: Plain[list[Id]] = []
    """Recordings of the visit that the report says nothing of: they arrived after it was requested, were being
    transcribed then, or their transcription failed. Those without speech are not among them."""
    transcript_changed: Plain[bool] = False
    """True if a transcription that the unsigned report rests on was corrected, or made again, after it was drafted."""
    renewed_sections: Internal[Encrypted[list[ShortText]]] = Field(default=[], max_length=MOST_PLACES)
    """While the report lacks a recording or its transcript changed: the places for statements that were written anew
    since then. The others are older."""

    if TYPE_CHECKING:  # the report declares these fields itself, at their place in its published schema
        rewrite: Rewrite | None
        source: ReportSource
        manually_edited: bool

        @property
        def waiting(self) -> bool: ...

    def without_recording(self, recording_id: str, stamp: Stamp) -> Self:
        """The report, marked: it does not cover this recording, which arrived after it was requested.

        The revision rises also by this, so nobody signs an unsigned report without having seen the mark. The signed
        bytes of a signed report stay.
        """
        lacking = [*self.unreported_recordings, recording_id]
        return self.without_renewed().revised(stamp, unreported_recordings=lacking)

    def outdated(self, places: Iterable[str]) -> list[str]:
        """Those of these places for statements that are older than the transcript of the visit."""
        marked = self.transcript_changed or bool(self.unreported_recordings)
        if not marked or self.source != ReportSource.RECORDING:
            return []
        return [place for place in places if place not in self.renewed_sections]

    def without_renewed(self) -> Self:
        """The report after the transcript of the visit changed: no section is up to date, nor will one be that is being
        written. The report itself if that is so."""
        rewrite = self.rewrite.model_copy(update={"overtaken": True}) if self.rewrite else None
        is_so = not self.renewed_sections and rewrite == self.rewrite
        return self if is_so else self.amended(renewed_sections=[], rewrite=rewrite)

    def apart_from(self, transcriptions: Sequence[Transcription]) -> Self:
        """The new report, marked with the recordings that it cannot cover: they may have speech, and no text so far."""
        lacking = [one.recording_id for one in transcriptions if not (one.has_speech or one.unusable)]
        return self.model_copy(update={"unreported_recordings": lacking})

    def with_nothing_on(self, recording_id: str) -> Self:
        """The report without the mark of a recording that has nothing to report. Signing needs no other revision."""
        return self.amended(unreported_recordings=[one for one in self.unreported_recordings if one != recording_id])

    def lacks(self, transcription: Transcription) -> bool:
        """True if the report does not cover a recording that is transcribed. A report without a recording lacks only
        those that were received after its creation: its author chose not to use the others."""
        if transcription.recording_id in self._covered:
            return False
        return self.source == ReportSource.RECORDING or transcription.created_at > self.created_at

    @property
    def _covered(self) -> set[str]:
        first = [] if self.transcription_id is None else [recording_of_transcription(self.transcription_id)]
        return {*first, *(source.recording_id for source in self.sources)}

    def is_outdone_by(self, heard: Sequence[Transcription]) -> bool:
        """True if a recording that the report lacks is transcribed by now, or a transcript that it rests on changed."""
        return self.transcript_changed or not {one.recording_id for one in heard}.isdisjoint(self.unreported_recordings)

    def must_be_as_drafted(self) -> None:
        """Raises Conflict if a person corrected or wrote the report: another draft would throw their work away."""
        if self.manually_edited or self.source == ReportSource.BY_HAND:
            detail = "a person corrected or wrote the report: add what is missing, or create it again with `replace`"
            raise Conflict(ConflictCode.REPORT_EXISTS, detail)

    def with_changed_transcript(self, transcription: Transcription, stamp: Stamp) -> Self:
        """The unsigned report, marked if it rests on this transcription; so nobody signs it without having seen that.

        A draft that is being written may rest on any: its text was read when its task began.
        """
        is_written = self.waiting and self.source == ReportSource.RECORDING
        if not (is_written or transcription.recording_id in self._covered):
            return self
        after = self.without_renewed()
        return self if after is self and self.transcript_changed else after.revised(stamp, transcript_changed=True)

    def has_older_take_of(self, transcription: Transcription) -> bool:
        """True if the report rests on an earlier transcription of the same recording."""
        recording_id, take = transcription.recording_id, take_number(transcription.id)
        return any(
            one.recording_id == recording_id and take_number(one.transcription_id) < take for one in self.sources
        )

    def covering(self, sources: Sources) -> dict[str, Any]:
        """The fields of a draft from these sources. What they hold is no longer unreported."""
        first = sources.found[0].transcription_id if sources.found else self.transcription_id
        return {"transcription_id": first, **self._resting_on(sources)}

    def compared_with(self, sources: Sources) -> Self:
        """The report by hand after it was compared with these transcriptions: the marks fall."""
        return self.model_copy(update={"transcript_changed": False, **self._resting_on(sources)})

    def _resting_on(self, sources: Sources) -> dict[str, Any]:
        covered = {source.recording_id for source in sources.found}
        lacking = [one for one in self.unreported_recordings if one not in covered]
        return {
            "sources": sources.found,
            "lost_audio": bounded(sources.lost, MOST_IN_REPORT),
            "unreported_recordings": lacking,
            "renewed_sections": [],
        }
