"""What all pages of links share: the frame around their content, its style, and the headers that keep the rest out."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from shared.web.link_pages.texts import TEXTS, PageLanguage

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
button.other { margin-top: .75rem; color: #0b4f8a; background: #fff; }
.back { display: block; padding: .75rem 0; text-align: center; color: #0b4f8a; }
select, textarea { box-sizing: border-box; min-height: 2.75rem; padding: .25rem .5rem; font: inherit; color: inherit;
  background: #fff; border: 2px solid #4a525c; border-radius: .25rem; }
textarea { width: 100%; min-height: 6rem; }
input.day { width: 11rem; max-width: 100%; }
dl { margin: 1rem 0; }
dt { color: #4a525c; }
dd { margin: 0 0 .5rem; font-weight: 600; }
select:focus-visible, textarea:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
h2 { margin: 1.5rem 0 .5rem; font-size: 1.125rem; }
.owed { margin: 0; font-size: min(2rem, 8vw); font-weight: 700; overflow-wrap: anywhere; }
.lines { white-space: pre-line; overflow-wrap: anywhere; }
a.button { display: block; box-sizing: border-box; min-height: 3rem; margin-top: .75rem; padding: .7rem; color: #fff;
  background: #0b4f8a; border-radius: .25rem; font-weight: 600; text-align: center; text-decoration: none; }
.qr svg { display: block; width: 15rem; max-width: 100%; margin: .5rem auto; }
table { width: 100%; border-collapse: collapse; }
th { font-weight: 400; text-align: left; color: #4a525c; }
td, th { padding: .375rem 0; vertical-align: top; overflow-wrap: anywhere; }
.amount { padding-left: .75rem; text-align: right; white-space: nowrap; }
.sums { border-top: 1px solid #4a525c; }
.sums tr:last-child * { font-weight: 700; color: inherit; }
dd { overflow-wrap: anywhere; }
.said { padding: .5rem .75rem; border-left: 4px solid #b3261e; background: #fdf1f0; }
"""

_FRAME = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<title>{{ heading }}</title>
<style>{{ style }}</style>
</head>
<body>
<nav aria-label="{{ texts.languages }}"><ul>
{%- for other, name in others %}
<li><a href="?lang={{ other }}" lang="{{ other }}" hreflang="{{ other }}">{{ name }}</a></li>
{%- endfor %}
</ul></nav>
<main>
<h1>{{ heading }}</h1>
{% block content required %}{% endblock %}
</main>
</body>
</html>
"""


def render(content: str, language: PageLanguage, heading: str, values: Mapping[str, Any]) -> str:
    """A page with this content, which is a template of Jinja. Every value is escaped."""
    texts = TEXTS[language]
    others = [(other.value, TEXTS[other].name) for other in PageLanguage if other != language]
    frame = {"language": language.value, "texts": texts, "others": others, "style": STYLE, "heading": heading}
    return _template(content).render({**frame, **values})


@cache
def content_security_policy() -> str:
    """Nothing but this page's own style, named by its hash; forms go to this site alone, and nobody frames the page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    only = f"style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    return f"default-src 'none'; {only}"


@cache
def _template(content: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, loader=DictLoader({"frame": _FRAME}))
    return environment.from_string('{% extends "frame" %}{% block content %}' + content + "{% endblock %}")
