"""HTTP and gRPC servers on 127.0.0.1, or for HTTP on another address of this machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import secrets
import socket
import threading
from collections.abc import Iterable
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from werkzeug.serving import WSGIRequestHandler, make_server

from local.services.kit.private_files import write_private


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: calls are recorded in the recorder."""


LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only if the user asks for it


class HttpServer:
    """A threaded WSGI server on a free port (or a given one)."""

    def __init__(self, app: Any, port: int = 0, host: str = "127.0.0.1") -> None:
        self._server = make_server(host, port, app, threaded=True, request_handler=_QuietHandler)
        self.port: int = self._server.server_port
        self.url = f"http://{'127.0.0.1' if host == EVERYWHERE else host}:{self.port}"
        # A short poll interval makes `stop` fast.
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


_GRPC_THREADS = 64


class GrpcServer:
    """A gRPC server on a free port (or a given one); with `certificate` (key, chain in PEM) it speaks TLS."""

    def __init__(
        self,
        handlers: Iterable[grpc.GenericRpcHandler],
        certificate: tuple[bytes, bytes] | None = None,
        port: int = 0,
    ) -> None:
        unlimited = [("grpc.max_receive_message_length", -1)]
        self._threads = futures.ThreadPoolExecutor(_GRPC_THREADS)
        self._server = grpc.server(self._threads, options=unlimited)
        self._server.add_generic_rpc_handlers(tuple(handlers))
        if certificate:
            credentials = grpc.ssl_server_credentials([certificate])
            self.port: int = self._server.add_secure_port(f"localhost:{port}", credentials)
        else:
            self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.address = f"localhost:{self.port}" if certificate else f"127.0.0.1:{self.port}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(grace=0.2).wait()
        self._threads.shutdown(wait=False)


def free_port() -> int:
    """A free port below the ephemeral range of the system, so that it stays free for a while."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def certificate(folder: Path) -> tuple[bytes, bytes]:
    """A self-signed certificate for localhost as (key, chain) in PEM, stored in `folder` as tls.key and tls.crt."""
    key_file, chain_file = folder / "tls.key", folder / "tls.crt"
    if not chain_file.exists():
        key, chain = _self_signed()
        write_private(key_file, key)
        write_private(chain_file, chain)
    return key_file.read_bytes(), chain_file.read_bytes()


def _self_signed() -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=3650))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(x509), critical=True)
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, builder.sign(key, hashes.SHA256()).public_bytes(pem)


def _usage(x509: Any) -> Any:
    """What the key may do: Python 3.13 accepts no authority that does not say it."""
    unused = {"content_commitment": False, "key_encipherment": False, "data_encipherment": False}
    more_unused = {"key_agreement": False, "crl_sign": False, "encipher_only": False, "decipher_only": False}
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, **unused, **more_unused)
