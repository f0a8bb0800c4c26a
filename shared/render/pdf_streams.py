"""The end of streams in a PDF, as PDF/A wants it: `endstream` begins a line. reportlab writes it behind the data."""

from __future__ import annotations

import re
from itertools import pairwise

_ENTRY = re.compile(rb"(\d{10}) 00000 n")
_END = b"endstream"


def with_line_ends(pdf: bytes) -> bytes:
    """The same file of reportlab's with each `endstream` on a line of its own, and the table of objects moved along."""
    table = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    offsets = [int(entry) for entry in _ENTRY.findall(pdf, table)]
    starts = sorted(offsets)
    moved: dict[int, int] = {}
    parts = [pdf[: starts[0]]]
    size = starts[0]
    for start, end in pairwise([*starts, table]):
        part = _with_line_end(pdf[start:end])
        moved[start] = size
        parts.append(part)
        size += len(part)
    tail = _ENTRY.sub(lambda entry: b"%010d 00000 n" % moved[int(entry[1])], pdf[table:])
    parts.append(tail.replace(b"startxref\n%d\n" % table, b"startxref\n%d\n" % size))
    return b"".join(parts)


def _with_line_end(part: bytes) -> bytes:
    """An object; only that of a stream has the word behind its data."""
    at = part.rfind(_END)
    if at < 0 or part[at - 1 : at] == b"\n" or not part.endswith(_END + b"\nendobj\n"):
        return part
    return part[:at] + b"\n" + part[at:]
