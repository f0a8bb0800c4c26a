"""The HTML of the pages of documents, and of links that open nothing."""

from __future__ import annotations

from collections.abc import Mapping

from shared.lazily import lazily
from shared.web.link_pages.texts import TEXTS
from shared.workflows.links.opening import PageState

with lazily(globals()):
    from shared.web.link_pages.frame import render
    from shared.web.link_pages.texts import PageLanguage
    from shared.workflows.links.opening import LinkPage

_HTML = """{%- if warns %}
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
    PageState.PREPARING: 503,
    PageState.BUSY: 429,
    PageState.FAILED: 500,
    PageState.UNKNOWN: 404,
}
"""The status of each page."""


def html(page: LinkPage, language: PageLanguage) -> str:
    """The page as HTML. Every value is escaped."""
    said = TEXTS[language].said[page.state]
    values = {
        "said": said,
        "warns": page.state != PageState.ASKS and page.passcode_kind is not None,
        "kind": page.passcode_kind,
        "form": page.form,
        "sizes": _SIZES,
    }
    return render(_HTML, language, said.heading, values)
