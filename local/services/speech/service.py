"""Speech-to-Text as a service of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from local.services.kit.service import LocalService, ServiceContext
from local.services.speech.script import Script
from local.services.storage.client import StorageClient
from local.services.storage.service import StorageService

if TYPE_CHECKING:
    from local.services.speech.endpoint import SpeechEndpoint


class SpeechService(LocalService):
    """Reads recordings from the local Cloud Storage and writes results to it."""

    name = "speech"
    endpoint: SpeechEndpoint

    def __init__(self, context: ServiceContext) -> None:
        super().__init__(context)
        self.script = Script()

    def start(self) -> None:
        from local.services.speech.endpoint import SpeechEndpoint

        objects = StorageClient(self.context.service(StorageService).url)
        self.endpoint = SpeechEndpoint(
            self.state, self.context.recorder, objects.read, objects.write, script=self.script
        )
        self._address = self.serve_grpc(self.endpoint.handlers())
        self._resources.callback(self.endpoint.stop)

    def variables(self, function: str = "") -> Mapping[str, str]:
        del function
        return {"SPEECH_ENDPOINT": self._address}

    def idle(self) -> bool:
        return self.endpoint.idle()
