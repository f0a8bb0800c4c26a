"""A server of Google's APIs by REST that answers as it was planned: with JSON, with errors, in part, or not at all."""

from tests.support.planned_server.answers import CUT, Answer, Failure, Half, Last, Late, Raw
from tests.support.planned_server.http1 import PlannedCall
from tests.support.planned_server.server import PlannedServer, trusting, until

__all__ = [
    "CUT",
    "Answer",
    "Failure",
    "Half",
    "Last",
    "Late",
    "PlannedCall",
    "PlannedServer",
    "Raw",
    "trusting",
    "until",
]
