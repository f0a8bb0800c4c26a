"""The description of a document in the payloads of events is that of Google's client."""

from __future__ import annotations

from tools.google_messages import PATH, described


def test_the_description_is_that_of_the_client() -> None:
    assert PATH.read_bytes() == described(), "run `make google-messages`"
