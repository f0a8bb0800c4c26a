"""The gRPC servers of the offline providers, and the environment in which Terraform finds them."""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import grpc
from tfplugin_proto import tfplugin5_2_pb2_grpc as pb_grpc

from infra.offline.provider import Provider
from infra.offline.schema_types import PROVIDERS, load

_THREADS = 10
"""Terraform's default parallelism: the most calls that it makes at the same time."""


class OfflineProviders:
    """The providers google and google-beta, as a context manager that stops their servers on exit.

    Any number of Terraform runs may use them.
    """

    def __enter__(self) -> OfflineProviders:
        self._folder = tempfile.TemporaryDirectory(prefix="tf-")
        self._servers: list[grpc.Server] = []
        try:
            for name in PROVIDERS:
                schema = load(name)
                for concrete in (True, False):
                    self._serve(Provider(schema, concrete=concrete), self._socket(name, concrete))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def environment(self, *, concrete: bool = True) -> dict[str, str]:
        """The environment variables of a `terraform` that uses these providers and no registry.

        With `concrete`, computed attributes have the plausible values of computed_attributes.py. Without, all of them
        are unknown, as in the first plan of an empty project.
        """
        reattach = {
            f"hashicorp/{name}": {
                "Protocol": "grpc",
                "ProtocolVersion": 5,
                "Pid": os.getpid(),
                "Test": True,  # Terraform must not stop this process
                "Addr": {"Network": "unix", "String": str(self._socket(name, concrete))},
            }
            for name in PROVIDERS
        }
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            "TF_REATTACH_PROVIDERS": json.dumps(reattach),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            "GOGC": "400",  # fewer garbage collections: Terraform runs for seconds, and this saves a quarter of its CPU
        }

    def _socket(self, name: str, concrete: bool) -> Path:
        return Path(self._folder.name) / f"{name}-{'known' if concrete else 'unknown'}"

    def _serve(self, provider: Provider, socket: Path) -> None:
        server = grpc.server(ThreadPoolExecutor(_THREADS))
        self._servers.append(server)
        pb_grpc.add_ProviderServicer_to_server(provider, server)
        server.add_insecure_port(f"unix:{socket}")
        server.start()

    def _stop(self) -> None:
        for stopped in [server.stop(grace=None) for server in self._servers]:
            stopped.wait()
        self._folder.cleanup()
