"""Making one WAV file of pieces in their bucket, and comparing it with them, piece by piece.

The names of what is made follow from the plan, and everything is created once: after a crash the next attempt finds
what is there, and a plan that changed has other names.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.gateways.pieces import NewPiece, StoredPiece
from shared.lazily import lazily
from shared.records.record import session_of

with lazily(globals()):
    from shared.audio import pcm
    from shared.gateways import pieces
    from shared.records.visits.join_plan import JoinPlan, Part, compose_steps
    from shared.records.visits.live.piece import LivePiece
    from shared.workflows.visits.object_names import join_folder, piece_name

_WAV = "audio/wav"
_BYTES = "application/octet-stream"
_log = logging.getLogger("synapse.audio")


class NotAsReceived(Exception):
    """What is stored differs from what was acknowledged, or the joined file from its pieces."""


@dataclass(frozen=True)
class StoredSamples:
    """The object of a piece."""

    object: StoredPiece
    sha256: str
    """Of its content, as it was acknowledged."""

    @classmethod
    def of(cls, clinic_id: str, piece: LivePiece) -> StoredSamples:
        name = piece_name(clinic_id, session_of(piece.recording_id), piece.recording_id, piece.number)
        return cls(StoredPiece(name, piece.data_bytes, _BYTES, piece.generation), piece.data_sha256)

    def read(self) -> bytes:
        """The content. Raises NotAsReceived, and ObjectGone."""
        content = pieces.read(self.object)
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise NotAsReceived(self.object.name)
        return content


@dataclass(frozen=True)
class Assembly:
    """A recording to make."""

    recording: str
    """Its name, with which those of its pieces begin."""
    plan: JoinPlan
    samples: Mapping[int, StoredSamples]
    """By the number of the piece."""

    @property
    def folder(self) -> str:
        """The beginning of the names of what is made under this plan."""
        described = [
            (part.piece.number, self.samples[part.piece.number].sha256, part.skip, part.frames)
            for part in self.plan.parts
        ]
        return join_folder(self.recording, hashlib.sha256(repr((self.plan.form, described)).encode()).hexdigest()[:32])

    @property
    def header(self) -> bytes:
        return pcm.wav_header(self.plan.form, self.plan.data_bytes)

    def made(self) -> StoredPiece:
        """The whole, which is made unless it is there. Raises ObjectGone and NotAsReceived."""
        name = f"{self.folder}whole"
        return pieces.find(name) or (self._composed(name) if self.plan.composable else self._written(name))

    def _composed(self, name: str) -> StoredPiece:
        """Storage puts the objects together: no sample is read."""
        header = self.header
        first = pieces.create(f"{self.folder}header", header, _BYTES, hashlib.sha256(header).hexdigest())
        objects = [first, *(self.samples[part.piece.number].object for part in self.plan.parts)]
        made, steps = list[StoredPiece](), list(compose_steps(len(objects)))
        for place, (level, at, sources) in enumerate(steps):
            if place and level != steps[place - 1][0]:
                objects, made = made, []
            last = place == len(steps) - 1
            target = name if last else f"{self.folder}{level}-{at:04}"
            made.append(pieces.compose(target, [objects[one] for one in sources], _WAV if last else _BYTES))
        return made[0]

    def _written(self, name: str) -> StoredPiece:
        """Piece by piece: decoded, cut, and in one form."""
        file = NewPiece(name, _WAV)
        try:
            file.write(self.header)
            for part in self.plan.parts:
                if part.frames:
                    file.write(self._bytes_of(part))
        except BaseException:
            file.abort()
            raise
        file.close()
        found = pieces.find(name)
        if found is None:
            raise NotAsReceived(name)
        return found

    def verified(self, whole: StoredPiece) -> str:
        """Read the whole once, and compare the part of each piece with it; returns its SHA-256. Raises NotAsReceived:
        then the whole is deleted, so that it is made anew."""
        header, digest = self.header, hashlib.sha256()
        file = pieces.open_piece(whole)
        equal = whole.size == len(header) + self.plan.data_bytes and _next(file, len(header), digest) == header
        for part in self.plan.parts if equal else ():
            found = _next(file, part.frames * self.plan.form.frame_bytes, digest)
            equal = equal and self._is_of(part, found)
        if not equal:
            _log.error("a joined recording differs from its pieces", extra={"reason": "not_as_received"})
            pieces.delete(whole.name, whole.generation)
            raise NotAsReceived(whole.name)
        return digest.hexdigest()

    def _is_of(self, part: Part, found: bytes) -> bool:
        stored = self.samples[part.piece.number]
        if part.piece.bare and not part.skip and part.piece.form == self.plan.form:
            return hashlib.sha256(found).hexdigest() == stored.sha256
        return not part.frames or found == self._bytes_of(part)

    def _bytes_of(self, part: Part) -> bytes:
        return pcm.bytes_of(self.samples[part.piece.number].read(), part, self.plan.form)


def _next(file: BinaryIO, size: int, digest: Any) -> bytes:
    content = file.read(size)
    digest.update(content)
    return content
