"""A mail scanner: it requests the link by every method, follows every link of the pages and posts every form."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from tests.support.clinics import TestClinic
from tests.support.links import share, visit
from tests.support.proofs import raw, signed_report

FILLERS = ("", "test", "1", "12345678", "2000-01-01", "scanner@mail.example", "<script>", "٠", "x" * 3_000)


class Scanner(HTMLParser):
    """What a page offers to a program."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.buttons: list[dict[str, str]] = []
        """Those that send a value."""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(found["href"])
        if tag == "form":
            self.forms.append({})
        if tag == "button" and "name" in found:
            self.buttons.append({found["name"]: found["value"]})
        if tag in ("input", "textarea", "select"):
            self.forms[-1][found["name"]] = found.get("value", "")


def scan(url: str, seen: set[str]) -> int:
    """Do everything with a page and those that it leads to; returns how many forms were posted."""
    seen.add(url)
    visit(url, "HEAD").ok()
    visit(url, "OPTIONS")
    page, posted = Scanner(visit(url).ok().content.decode()), 0
    for form in page.forms:
        for filler in FILLERS:
            reply = visit(url, "POST", {name: value or filler for name, value in form.items()})
            assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
            posted += 1
        # A date that happens to have the form of a passcode, at once: nobody types that fast.
        guess = {"day": "1", "month": "1", "year": "1980", "code": "123456"}
        assert visit(url, "POST", {**form, **{name: guess[name] for name in form if name in guess}}).status == 409
    return posted + sum(scan(found, seen) for link in page.links if (found := urljoin(url, link)) not in seen)


@pytest.mark.parametrize("passcode", ["date_of_birth", "told_code"])
def test_a_scanner_opens_nothing_and_locks_nothing(clinic: TestClinic, passcode: str) -> None:
    shared = share(clinic, signed_report(clinic), passcode=passcode)
    before = raw(clinic, f"links/{shared.link_id}")

    assert scan(shared.url, set()) >= 3 * len(FILLERS), "the page, and in both languages by name"

    assert raw(clinic, f"links/{shared.link_id}") == before
