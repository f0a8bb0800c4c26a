"""Where the bytes of a part go."""

from __future__ import annotations

from typing import Any, Protocol


class Sink(Protocol):
    """A file that is written from its beginning to its end. It exists once it is closed, and never if it is aborted."""

    def write(self, content: bytes, /) -> Any: ...

    def close(self) -> None: ...

    def abort(self) -> None: ...
