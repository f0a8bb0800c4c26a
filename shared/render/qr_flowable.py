"""A QR code on paper."""

from __future__ import annotations

from reportlab.lib.colors import black
from reportlab.platypus import Flowable

from shared.render.qr import QUIET_ZONE, modules
from shared.render.tags import Tag, tagged


class QrCode(Flowable):
    """A square with a QR code, drawn as rectangles, so that it is sharp at any size."""

    def __init__(self, text: str, size: float, alternative: str) -> None:
        super().__init__()
        self._rows, self._size = modules(text), size
        self._tag = Tag("Figure", alternative=alternative)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        del available_width, available_height
        return self._size, self._size

    def draw(self) -> None:
        module = self._size / (len(self._rows) + 2 * QUIET_ZONE)
        with tagged(self.canv, self._tag):
            self.canv.setFillColor(black)
            for y, row in enumerate(self._rows):
                for start, length in _runs(row):
                    left, bottom = (start + QUIET_ZONE) * module, self._size - (y + 1 + QUIET_ZONE) * module
                    self.canv.rect(left, bottom, length * module, module, stroke=0, fill=1)


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules begin, and how many follow one another."""
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((at, 1))
    return runs
