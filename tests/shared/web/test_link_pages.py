"""The pages of links as HTML: complete in each language, escaped, and without anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import logging
import re

import pytest

from shared.records.links.passcode import PasscodeKind
from shared.web.link_pages.frame import STYLE, content_security_policy
from shared.web.link_pages.page import STATUS, html
from shared.web.link_pages.texts import TEXTS, PageLanguage
from shared.web.logs import _Json
from shared.workflows.links.opening import LinkPage, PageState

LANGUAGES = pytest.mark.parametrize("language", PageLanguage)


@LANGUAGES
def test_every_state_has_its_text_in_each_language(language: PageLanguage) -> None:
    texts = TEXTS[language]

    assert set(texts.said) == set(STATUS) == set(PageState)
    assert set(texts.asked) == set(texts.hint) == set(PasscodeKind)
    assert set(texts.fields) == {name for kind in PasscodeKind for name in kind.fields}
    headings = [said.heading for said in texts.said.values()]
    assert len(set(headings)) == len(headings)


@LANGUAGES
@pytest.mark.parametrize("state", PageState)
@pytest.mark.parametrize("kind", [None, *PasscodeKind])
def test_a_page_is_whole_and_takes_nothing_from_elsewhere(
    language: PageLanguage, state: PageState, kind: PasscodeKind | None
) -> None:
    page = html(LinkPage(state, kind, "1.2.3"), language)

    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    assert not re.search(r"<script|src=|url\(|https?:|@import|javascript:|\son\w+=", page)
    assert ("<form" in page) == (kind is not None)
    labels = re.findall(r'<label for="(\w+)">', page)
    assert labels == re.findall(r'<input id="(\w+)"', page) == list(kind.fields if kind else ())


def test_values_are_escaped() -> None:
    page = html(LinkPage(PageState.ASKS, PasscodeKind.TOLD_CODE, '"><script>'), PageLanguage.ENGLISH)

    assert "<script>" not in page
    assert 'value="&#34;&gt;&lt;script&gt;"' in page


def test_the_policy_names_the_style_of_the_page() -> None:
    (style,) = re.findall("<style>(.*)</style>", html(LinkPage(PageState.ASKS), PageLanguage.HINDI), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert style == STYLE
    assert f"'sha256-{digest}'" in content_security_policy()


@pytest.mark.parametrize(
    "message",
    ["Exception on /api/v1/links/aster/Zm9vYmFyYmF6cXV4MTIzNA [POST]", 'at "/links/a/Zm9vYmFyYmF6cXV4MTIzNA"'],
)
def test_a_log_line_never_has_the_path_of_a_link(message: str) -> None:
    record = logging.LogRecord("main", logging.ERROR, __file__, 1, message, None, None)

    line = _Json().format(record)

    assert "Zm9vYmFy" not in line
    assert "/links/…" in line or "\\u2026" in line
