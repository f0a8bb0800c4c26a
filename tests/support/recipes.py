"""The recipes of a Markdown page: requests and their answers, which are run against an API and compared with the page.

A block `http` holds a request; the next one holds its answer, which begins with `HTTP/1.1`. The page shows the status
of an answer, and some of its headers and fields. In an answer,

- `{name}` takes the value that the API gives, and stands for it in later blocks; an answer must repeat a value it has.
- `{etag}` takes the newest value of each answer that shows it.
- `…` is any value or any text, and as the last item of a list any number of items.

In a request, `{uuid}` is a new UUID, and the body `< name` is the file of this name. A first line `# Repeat …` lets the
request be sent until the answer is as shown.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import urllib3

ANYTHING = "…"
PATIENCE = 90.0
"""Seconds for which a request is repeated."""
_PAUSE = 0.1
_PART = re.compile(r"^## (?P<title>[^\n]+)$|^```http\n(?P<block>.*?)^```$", re.M | re.S)
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_http = urllib3.PoolManager(retries=False, timeout=60)


@dataclass(frozen=True)
class Message:
    """A request or an answer, as the page shows it."""

    line: int
    """The line of the page on which its block begins."""
    first: str
    """The request line, or the status line."""
    headers: Mapping[str, str]
    body: str
    repeated: bool

    @classmethod
    def read(cls, line: int, block: str) -> Message:
        head, _, body = block.partition("\n\n")
        lines = head.strip().split("\n")
        comments = [text for text in lines if text.startswith("# ")]
        first, *headers = lines[len(comments) :]
        repeated = any(text.startswith("# Repeat ") for text in comments)
        return cls(line, first, dict(header.split(": ", 1) for header in headers), body.strip(), repeated)

    @property
    def is_answer(self) -> bool:
        return self.first.startswith("HTTP/1.1 ")


@dataclass(frozen=True)
class Recipe:
    """A section of the page: requests, each with its answer."""

    title: str
    steps: tuple[tuple[Message, Message], ...]


def recipes_of(page: str) -> list[Recipe]:
    """The sections of a page that have requests, in order. Raises ValueError unless requests and answers alternate."""
    sections: dict[str, list[Message]] = {}
    title = ""
    for part in _PART.finditer(page):
        title = part["title"] or title
        if part["block"]:
            line = page.count("\n", 0, part.start()) + 1
            sections.setdefault(title, []).append(Message.read(line, part["block"]))
    return [Recipe(title, _steps(messages)) for title, messages in sections.items()]


def _steps(messages: list[Message]) -> tuple[tuple[Message, Message], ...]:
    for number, message in enumerate(messages):
        if message.is_answer != bool(number % 2):
            raise ValueError(f"line {message.line}: requests and answers must alternate")
    if len(messages) % 2:
        raise ValueError(f"line {messages[-1].line}: a request without an answer")
    return tuple(pair for number, pair in enumerate(pairwise(messages)) if not number % 2)


class RecipeRunner:
    """Sends the requests of recipes and compares the answers; values of placeholders are kept from recipe to recipe."""

    def __init__(self, url: str, values: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        """`url` is the base of paths; `values` are the placeholders that have a value from the beginning."""
        self._url = url
        self._values = dict(values)
        self._files = files

    def run(self, recipe: Recipe) -> None:
        """Run a recipe. Raises AssertionError with the lines of the page and all differences of an answer."""
        for request, shown in recipe.steps:
            deadline, values = time.monotonic() + (PATIENCE if request.repeated else 0), dict(self._values)
            while differences := list(self.differences(shown, self._send(request))):
                found = "\n".join([f"line {request.line}: {request.first}", *differences])
                assert time.monotonic() < deadline, found
                self._values = dict(values)  # without those of an answer that is not the shown one
                time.sleep(_PAUSE)

    def differences(self, shown: Message, response: urllib3.BaseHTTPResponse) -> Iterator[str]:
        """What is different in the answer of the API."""
        if shown.first.split()[1] != str(response.status):
            yield f"the status is {response.status} instead of {shown.first!r}: {response.data[:500]!r}"
            return
        for name, value in shown.headers.items():
            if name in response.headers:
                yield from self._compared(value, response.headers[name], name)
            else:
                yield f"{name} is missing"
        if shown.body:
            yield from self._compared(json.loads(shown.body), json.loads(response.data), "")

    def _send(self, request: Message) -> urllib3.BaseHTTPResponse:
        method, _, target = self._filled(request.first).partition(" ")
        headers = {name: self._filled(value) for name, value in request.headers.items()}
        url = target if target.startswith("http") else f"{self._url}{target}"
        if request.body.startswith("< "):
            return _http.request(method, url, body=self._files[request.body[2:]], headers=headers)
        if request.body:
            headers.setdefault("Content-Type", "application/json")
        return _http.request(method, url, body=self._filled(request.body).encode() or None, headers=headers)

    def _filled(self, text: str) -> str:
        """The text with the values of its placeholders. Raises AssertionError for a placeholder without a value."""
        values = {"uuid": str(uuid.uuid4()), **self._values}
        unknown = [name for name in _PLACEHOLDER.findall(text) if name not in values]
        assert not unknown, f"{text!r}: no earlier recipe has shown {unknown}"
        return _PLACEHOLDER.sub(lambda found: values[found[1]], text)

    def _compared(self, shown: Any, actual: Any, place: str) -> Iterator[str]:
        """Where an actual value differs from the shown one."""
        if shown == ANYTHING:
            return
        if isinstance(shown, dict) and isinstance(actual, dict):
            for name, value in shown.items():
                if name in actual:
                    yield from self._compared(value, actual[name], f"{place}/{name}")
                else:
                    yield f"{place}/{name} is missing"
        elif isinstance(shown, list) and isinstance(actual, list):
            yield from self._compared_items(shown, actual, place)
        elif isinstance(shown, str) and isinstance(actual, str) and self._fits(shown, actual):
            return
        elif type(shown) is not type(actual) or shown != actual:
            yield f"{place} is {actual!r} instead of {shown!r}"

    def _compared_items(self, shown: list[Any], actual: list[Any], place: str) -> Iterator[str]:
        more = shown[-1:] == [ANYTHING]
        expected = shown[:-1] if more else shown
        if len(expected) > len(actual) or (len(expected) < len(actual) and not more):
            yield f"{place} has {len(actual)} items instead of {len(expected)}: {actual!r}"
        for number, (value, item) in enumerate(zip(expected, actual, strict=False)):
            yield from self._compared(value, item, f"{place}/{number}")

    def _fits(self, shown: str, actual: str) -> bool:
        """True if the text has the shown form. Placeholders without a value get theirs."""
        known = {name: value for name, value in self._values.items() if name != "etag"}
        form = ""
        for number, part in enumerate(_PLACEHOLDER.split(shown)):
            is_new = number % 2 == 1 and part not in known
            form += f"(?P<{part}>.+)" if is_new else re.escape(known[part] if number % 2 else part)
        found = re.fullmatch(form.replace(re.escape(ANYTHING), ".*"), actual, re.S)
        self._values |= found.groupdict() if found else {}
        return found is not None
