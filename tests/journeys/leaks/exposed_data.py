"""Every item that the stack stores or sends where others than the clinic could read it, with its readable text."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import grpc
from google.cloud import storage, tasks_v2
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from local.services.firestore.backend import DATABASE
from local.stack.stack import Stack

KINDS = ("document", "object", "task", "event", "log")

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Item:
    """A stored or sent item."""

    name: str
    """Its kind, a space, and its name."""
    content: bytes

    @property
    def kind(self) -> str:
        return self.name.partition(" ")[0]

    def text(self) -> str:
        """The normalised text of name and content: as stored, percent-decoded, unescaped and base64-decoded."""
        raw = f"{self.name}\n".encode() + self.content
        plain = b"\n".join([raw, unquote_to_bytes(raw), *_decoded(raw)]).decode("utf-8", "replace")
        unescaped = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), plain)
        return normalised(plain if unescaped == plain else f"{plain}\n{unescaped}")


class _WithoutAccents(dict[int, int | None]):
    """A table for `str.translate` that removes combining characters; ciphertext decodes to most of Unicode."""

    def __missing__(self, character: int) -> int | None:
        kept = None if unicodedata.combining(chr(character)) else character
        return self.setdefault(character, kept)


_WITHOUT_ACCENTS = _WithoutAccents()


def normalised(text: str) -> str:
    """The words of a text without case and accents, separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", " ", decomposed.translate(_WITHOUT_ACCENTS)).strip()


def all_items(stack: Stack) -> list[Item]:
    """All items except the audio of recordings and the internal state of the local endpoints."""
    return [*document_items(stack), *_objects(stack), *_tasks(stack), *_events(stack), *_logs(stack), *_calls(stack)]


def document_items(stack: Stack) -> list[Item]:
    return [
        Item(f"document {d.name.partition('/documents/')[2]}", types.Document.serialize(d))
        for d in stored_documents(stack)
    ]


def stored_documents(stack: Stack) -> list[types.Document]:
    """Every document of the database, read as owner: neither the rules nor the product's code are involved."""
    with grpc.insecure_channel(stack.firestore.address) as channel:
        client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        all_descendants = {"from_": [{"all_descendants": True}]}
        request = {"parent": f"{DATABASE}/documents", "structured_query": all_descendants}
        responses = client.run_query(request=request, metadata=[("authorization", "Bearer owner")])
        return [response.document for response in responses if response.document]


def storage_client(stack: Stack) -> storage.Client:
    return storage.Client(client_options={"api_endpoint": stack.client_environment()["STORAGE_ENDPOINT"]})


def _objects(stack: Stack) -> Iterator[Item]:
    """The names and metadata of all objects, and the content of those that are neither audio nor exported files."""
    client = storage_client(stack)
    for bucket in client.list_buckets():
        for blob in client.list_blobs(bucket):
            is_file = str(blob.content_type).startswith("audio/") or "/exports/" in blob.name
            content = b"" if is_file else blob.download_as_bytes()
            yield Item(f"object {blob.name}", json.dumps(blob.metadata).encode() + content)


def _tasks(stack: Stack) -> list[Item]:
    """Every task that was ever created."""
    return [Item(f"task {task.name}", tasks_v2.Task.serialize(task)) for task in stack.task_queues.history]


def _events(stack: Stack) -> Iterator[Item]:
    for delivery in stack.triggers.history:
        headers = dict(delivery.event.headers)
        yield Item(f"event {headers['ce-subject']}", json.dumps(headers).encode() + delivery.event.body)


def _logs(stack: Stack) -> list[Item]:
    return [Item(f"log {file.name}", file.read_bytes()) for file in stack.logs.glob("*.log")]


def _calls(stack: Stack) -> set[Item]:
    """The resource names in the calls to Google Cloud."""
    calls = stack.recorder.calls()
    return {Item(f"call {call.service}.{call.method}", call.resource.encode()) for call in calls}


def _decoded(content: bytes) -> Iterator[bytes]:
    """The decoded base64 strings in `content`, of the standard or the URL-safe alphabet."""
    for run in _BASE64.findall(content):
        standard = run.translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(standard + b"=" * (-len(standard) % 4))
        except binascii.Error:
            continue
