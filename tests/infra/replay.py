"""A server that gives recorded answers of Google's APIs, each at its host and path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from infra.google_apis import GoogleApis
from local.services.kit.servers import HttpServer

RECORDED = Path(__file__).with_name("recorded")
PROJECT = "synapse-clinic-1234"


def recording(folder: str, name: str = "good") -> dict[str, Any]:
    """A file of answers; a bad one with the good answers that it does not replace."""
    content: dict[str, Any] = json.loads((RECORDED / folder / f"{name}.json").read_text(encoding="utf-8"))
    good = RECORDED / folder / "good.json"
    if name != "good" and good.exists():
        content["answers"] = {**json.loads(good.read_text(encoding="utf-8"))["answers"], **content["answers"]}
    return content


def bad_ones(folder: str) -> list[str]:
    """The names of the bad recordings of a folder."""
    return [f"bad/{path.stem}" for path in sorted((RECORDED / folder / "bad").glob("*.json"))]


@contextmanager
def replayed(answers: Mapping[str, Any]) -> Iterator[GoogleApis]:
    """The APIs as a project with these answers shows them. What was not recorded is refused (501)."""

    def answer(environ: Mapping[str, Any], start_response: Any) -> list[bytes]:
        key = f"{environ['REQUEST_METHOD']} {unquote(environ['PATH_INFO'])[1:]}"
        found = answers.get(key, {"status": 501, "body": {"error": {"message": f"not recorded: {key}"}}})
        start_response(f"{found['status']} -", [("Content-Type", "application/json")])
        return [json.dumps(found["body"]).encode()]

    server = HttpServer(answer)
    try:
        yield GoogleApis(PROJECT, "token", f"{server.url}/")
    finally:
        server.stop()
