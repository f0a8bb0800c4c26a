"""The HTML of a page, and the headers that keep everything else out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, StrictUndefined, Template

from shared.web.link_pages.texts import TEXTS, PageLanguage
from shared.workflows.links.opening import LinkPage, PageState

STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f4f6f8; color: #1b1f24; font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 28rem; margin: 0 auto; padding: 1.25rem; background: #fff; }
nav { max-width: 28rem; margin: 0 auto; padding: .25rem 1.25rem; text-align: right; }
nav ul { display: inline; margin: 0; padding: 0; list-style: none; }
nav li { display: inline-block; }
nav a { display: inline-block; padding: .75rem .5rem; color: #0b4f8a; }
h1 { margin: .5rem 0; font-size: 1.5rem; line-height: 1.25; }
fieldset { margin: 1rem 0 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
label { display: block; margin-top: .5rem; }
.hint { margin: 0; color: #4a525c; }
form + .hint { margin-top: .75rem; }
.fields { display: flex; flex-wrap: wrap; gap: .75rem; }
input { box-sizing: border-box; width: 4.5rem; min-height: 2.75rem; padding: .25rem .5rem; font: inherit;
  color: inherit; background: #fff; border: 2px solid #4a525c; border-radius: .25rem; }
input.long { width: 7rem; }
button { width: 100%; min-height: 3rem; margin-top: 1.25rem; font: inherit; font-weight: 600; color: #fff;
  background: #0b4f8a; border: 2px solid #0b4f8a; border-radius: .25rem; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
.said { padding: .5rem .75rem; border-left: 4px solid #b3261e; background: #fdf1f0; }
"""

_HTML = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<title>{{ said.heading }}</title>
<style>{{ style }}</style>
</head>
<body>
<nav aria-label="{{ texts.languages }}"><ul>
{%- for other, name in others %}
<li><a href="?lang={{ other }}" lang="{{ other }}" hreflang="{{ other }}">{{ name }}</a></li>
{%- endfor %}
</ul></nav>
<main>
<h1>{{ said.heading }}</h1>
{%- if warns %}
<p class="said" id="said" role="alert">{{ said.text }}</p>
{%- else %}
<p>{{ said.text }}</p>
{%- endif %}
{%- if kind %}
<form method="post" autocomplete="off">
<input type="hidden" name="form" value="{{ form }}">
<fieldset{% if warns %} aria-describedby="said hint"{% else %} aria-describedby="hint"{% endif %}>
<legend>{{ texts.asked[kind] }}</legend>
<p class="hint" id="hint">{{ texts.hint[kind] }}</p>
<div class="fields">
{%- for field in kind.fields %}
<div><label for="{{ field }}">{{ texts.fields[field] }}</label>
<input id="{{ field }}" name="{{ field }}" class="{{ 'long' if field in ('year', 'code') else 'short' }}" type="text" \
inputmode="numeric" required maxlength="{{ sizes[field] }}"{% if warns %} aria-invalid="true"{% endif %}></div>
{%- endfor %}
</div>
</fieldset>
<button type="submit">{{ texts.open }}</button>
</form>
<p class="hint">{{ texts.safety }}</p>
{%- endif %}
</main>
</body>
</html>
"""
_SIZES = {"day": 2, "month": 2, "year": 4, "code": 8}

STATUS: Mapping[PageState, int] = {
    PageState.ASKS: 200,
    PageState.INCOMPLETE: 422,
    PageState.AGAIN: 409,
    PageState.WRONG: 403,
    PageState.LOCKED: 423,
    PageState.EXPIRED: 410,
    PageState.REVOKED: 410,
    PageState.USED: 410,
    PageState.WITHDRAWN: 410,
    PageState.BUSY: 429,
    PageState.FAILED: 500,
    PageState.UNKNOWN: 404,
}
"""The status of each page."""


def html(page: LinkPage, language: PageLanguage) -> str:
    """The page as HTML. Every value is escaped."""
    texts = TEXTS[language]
    return _template().render(
        language=language.value,
        texts=texts,
        said=texts.said[page.state],
        others=[(other.value, TEXTS[other].name) for other in PageLanguage if other != language],
        warns=page.state != PageState.ASKS and page.passcode_kind is not None,
        kind=page.passcode_kind,
        form=page.form,
        sizes=_SIZES,
        style=STYLE,
    )


@cache
def content_security_policy() -> str:
    """Nothing but this page's own style, named by its hash; forms go to this site alone, and nobody frames the page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    only = f"style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; {only}"


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_HTML)
