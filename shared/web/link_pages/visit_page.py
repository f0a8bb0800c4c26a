"""The HTML of an appointment's page: what was agreed on, the answers, and whether an answer is meant."""

from __future__ import annotations

from collections.abc import Mapping

from shared.lazily import lazily
from shared.records.scheduling.other_time import LONGEST_WISH, MOST_PREFERRED, PartOfDay
from shared.web.link_pages.visit_texts import VISIT_TEXTS
from shared.workflows.scheduling.visit_pages import VisitState

with lazily(globals()):
    from shared.web.link_pages.frame import render
    from shared.web.link_pages.texts import PageLanguage
    from shared.web.link_pages.visit_texts import VisitTexts
    from shared.workflows.scheduling.visit_pages import Answer, Facts, VisitPage

_HTML = """{%- if text %}
<p{% if warns %} class="said" id="said" role="alert"{% elif done %} role="status"{% endif %}>{{ text }}</p>
{%- endif %}
{%- if facts %}
<dl>
{%- for term, value in facts %}
<dt>{{ term }}</dt>
<dd>{{ value }}</dd>
{%- endfor %}
</dl>
{%- endif %}
{%- if phone %}
<p>{{ said.phone }} <a href="tel:{{ phone }}">{{ phone }}</a></p>
{%- endif %}
{%- if page.form and not sure %}
<form method="post">
<input type="hidden" name="form" value="{{ page.form }}">
{%- for answer in page.open %}
<button type="submit" name="answer" value="{{ answer }}"{% if not loop.first %} class="other"{% endif %}>\
{{ said.buttons[answer] }}</button>
{%- endfor %}
</form>
{%- elif sure %}
<form method="post" autocomplete="off">
<input type="hidden" name="form" value="{{ page.form }}">
<input type="hidden" name="answer" value="{{ page.answer }}">
<input type="hidden" name="sure" value="1">
{%- for number in preferred %}
<fieldset>
<legend>{{ said.preferred[loop.index0] }}</legend>
<div class="fields">
<div><label for="day{{ number }}">{{ said.day }}</label>
<input id="day{{ number }}" name="day{{ number }}" class="day" type="date" \
value="{{ page.typed['day%d' % number] }}"></div>
<div><label for="part{{ number }}">{{ said.part }}</label>
<select id="part{{ number }}" name="part{{ number }}">
{%- for part in parts %}
<option value="{{ part }}"{% if page.typed['part%d' % number] == part %} selected{% endif %}>\
{{ said.parts[part] }}</option>
{%- endfor %}
</select></div>
</div>
</fieldset>
{%- endfor %}
{%- if preferred %}
<label for="wish">{{ said.wish }}</label>
<p class="hint" id="wish-hint">{{ said.wish_hint }}</p>
<textarea id="wish" name="wish" maxlength="{{ longest }}" aria-describedby="wish-hint">\
{{ page.typed["wish"] }}</textarea>
{%- endif %}
<label for="year">{{ said.year }}</label>
<p class="hint" id="hint">{{ said.year_hint }}</p>
<input id="year" name="year" class="long" type="text" inputmode="numeric" required maxlength="4" \
aria-describedby="{% if warns %}said {% endif %}hint"{% if warns %} aria-invalid="true"{% endif %}>
<button type="submit">{{ said.sure[page.answer].button }}</button>
</form>
<a class="back" href="?lang={{ language }}">{{ said.back }}</a>
{%- endif %}
"""

STATUS: Mapping[VisitState, int] = {
    VisitState.ASKS: 200,
    VisitState.SURE: 200,
    VisitState.DONE: 200,
    VisitState.INCOMPLETE: 422,
    VisitState.WRONG: 403,
    VisitState.AGAIN: 409,
    VisitState.CALL: 409,
    VisitState.CHANGED: 410,
    VisitState.CANCELLED: 410,
    VisitState.OVER: 410,
}
"""The status of each page."""
_WARNS = frozenset({VisitState.INCOMPLETE, VisitState.WRONG, VisitState.AGAIN, VisitState.CALL})
_WITHOUT_TIME = frozenset({VisitState.CHANGED, VisitState.CANCELLED, VisitState.OVER})
"""States in which the time that was agreed on does not hold any more, or is past."""


def html(page: VisitPage, language: PageLanguage) -> str:
    """The page as HTML. Every value is escaped."""
    said, sure = VISIT_TEXTS[language], page.form != "" and page.answer is not None and page.state != VisitState.DONE
    heading, text = _says(page, said)
    typed = {name: page.typed.get(name, "") for name in ("day1", "part1", "day2", "part2", "wish")}
    values = {
        "said": said,
        "page": {"form": page.form, "open": page.open, "answer": page.answer, "typed": typed},
        "text": text,
        "warns": page.state in _WARNS,
        "done": page.state == VisitState.DONE,
        "sure": sure,
        "facts": _terms(page.facts, said, with_time=page.state not in _WITHOUT_TIME) if page.facts else [],
        "phone": page.facts.phone if page.facts and _needs_phone(page) else None,
        "preferred": range(1, MOST_PREFERRED + 1) if sure and page.answer == Answer.OTHER_TIME else (),
        "parts": tuple(PartOfDay),
        "longest": LONGEST_WISH,
    }
    return render(_HTML, language, heading, values)


def _says(page: VisitPage, said: VisitTexts) -> tuple[str, str]:
    """The heading, and the sentence below it."""
    if page.state == VisitState.DONE and page.answer:
        return said.done[page.answer]
    if page.state == VisitState.SURE and page.answer:
        return said.sure[page.answer].heading, said.sure[page.answer].text
    if page.state == VisitState.ASKS and page.facts:
        sentences = [said.confirmed] if page.facts.confirmed else []
        sentences += [said.asked] if page.facts.asked else []
        sentences += [said.late] if Answer.CANCEL not in page.open else []
        return said.said[page.state][0], " ".join(sentences)
    return said.said[page.state]


def _needs_phone(page: VisitPage) -> bool:
    """True if the patient can reach what they want only by telephone."""
    return page.state in _WITHOUT_TIME | {VisitState.CALL} or (
        page.state == VisitState.ASKS and Answer.CANCEL not in page.open
    )


def _terms(facts: Facts, said: VisitTexts, *, with_time: bool) -> list[tuple[str, str]]:
    """What the patient is told, as terms and values."""
    terms = [(said.practice, facts.clinic)]
    if not with_time:
        return terms
    terms += [(said.doctor, facts.doctor)] if facts.doctor else []
    return [*terms, (said.day, said.day_of(facts.visit.local_time)), (said.time, said.time_of(facts))]
