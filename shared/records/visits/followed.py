"""Jobs whose last commit may do what their event would lead to."""

from __future__ import annotations

from typing import Self

from shared.records.attempt import Attempt
from shared.records.privacy import Internal, Plain


class Followed(Attempt):
    """A job that says whether its last commit did what its event would lead to."""

    followed_revision: Internal[Plain[int | None]] = None
    """The revision with whose commit that was done."""

    def followed(self) -> Self:
        """The job in such a commit."""
        return self.amended(followed_revision=self.revision)

    @property
    def was_followed(self) -> bool:
        """True from such a commit until the next change."""
        return self.followed_revision == self.revision
