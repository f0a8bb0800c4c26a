"""One function's Firestore: passes every call on to the backend, and records it."""

from __future__ import annotations

import grpc

from local.services.firestore.costs import RPCS
from local.services.firestore.server import Callee, FirestoreServer
from local.services.kit.recorder import AnswerLost, Call, Recorder
from local.services.kit.rpc import refuse


class FirestoreProxy(FirestoreServer):
    """A server at `address`: every caller there is that function."""

    def __init__(self, caller: str, backend: Callee, recorder: Recorder) -> None:
        self._caller = caller
        self._recorder = recorder
        super().__init__(backend)

    def _answered(self, name: str, request: bytes, responses: list[bytes]) -> None:
        measured = RPCS[name].measure(request, responses)
        if measured.query is not None:
            self._recorder.note_query(measured.query)
        try:
            self._recorder.record(Call("firestore", name, self._caller, measured.resource, measured.amounts))
        except AnswerLost:
            refuse(grpc.StatusCode.UNAVAILABLE, "The answer was lost.")
