"""The HTML of a bill's page: what is owed, how to pay, and what the bill is for."""

from __future__ import annotations

from markupsafe import Markup

from shared.lazily import lazily
from shared.web.link_pages.bill_texts import BILL_TEXTS
from shared.workflows.billing.bill_pages import STANDS, Sum

with lazily(globals()):
    from shared.web.link_pages.bill_texts import BillTexts
    from shared.web.link_pages.frame import render
    from shared.web.link_pages.texts import PageLanguage
    from shared.workflows.billing.bill_pages import BillPage, PageTax

_HTML = """<p>{{ text }}</p>
{%- if payment %}
<p class="owed">{{ page.owed }}</p>
{%- if due %}
<p>{{ due }}</p>
{%- endif %}
<section aria-labelledby="pay">
<h2 id="pay">{{ said.how_to_pay }}</h2>
{%- if payment.url %}
<a class="button" href="{{ payment.url }}">{{ said.pay_online }}</a>
{%- endif %}
{%- if payment.upi_link %}
<a class="button" href="{{ payment.upi_link }}">{{ said.pay_by_upi }}</a>
<p>{{ said.scan }}</p>
<div class="qr" role="img" aria-label="{{ said.code }}">{{ code }}</div>
<dl>
<dt>{{ said.upi_id }}</dt>
<dd>{{ payment.upi_id }}</dd>
</dl>
{%- endif %}
{%- if payment.instructions %}
<p class="lines">{{ payment.instructions }}</p>
{%- elif not payment.url and not payment.upi_link %}
<p>{{ said.ask }}</p>
{%- endif %}
</section>
{%- endif %}
{%- if sums %}
<section aria-labelledby="for">
<h2 id="for">{{ said.what_for }}</h2>
<table aria-labelledby="for">
<thead>
<tr><th scope="col">{{ said.service }}</th><th scope="col" class="amount">{{ said.amount }}</th></tr>
</thead>
<tbody>
{%- for line in page.lines %}
<tr><td>{{ line.description }} {{ line.quantity }}</td><td class="amount">{{ line.amount }}</td></tr>
{%- endfor %}
</tbody>
<tbody class="sums">
{%- for label, amount in sums %}
<tr><th scope="row">{{ label }}</th><td class="amount">{{ amount }}</td></tr>
{%- endfor %}
</tbody>
</table>
</section>
{%- endif %}
<dl>
<dt>{{ said.practice }}</dt>
<dd>{{ page.clinic }}</dd>
<dt>{{ said.number }}</dt>
<dd>{{ page.number }}</dd>
<dt>{{ said.dated }}</dt>
<dd>{{ dated }}</dd>
</dl>
{%- if page.phone %}
<p>{{ said.phone }} <a href="tel:{{ page.phone }}">{{ page.phone }}</a></p>
{%- endif %}
{%- if page.form %}
<form method="post">
<input type="hidden" name="form" value="{{ page.form }}">
<input type="hidden" name="paper" value="pdf">
<button type="submit" class="other">{{ said.pdf }}</button>
</form>
{%- endif %}
"""


def status_of(page: BillPage) -> int:
    """The status of the page: 410 for a bill that does not stand any more."""
    return 200 if page.state in STANDS else 410


def html(page: BillPage, language: PageLanguage) -> str:
    """The page as HTML. Every value is escaped, except the drawing of the QR code, which has none."""
    said, payment = BILL_TEXTS[language], page.payment
    heading, text = said.said[page.state]
    values = {
        "said": said,
        "text": text,
        "page": page,
        "payment": payment,
        "due": _due(page, said),
        "code": Markup(payment.upi_code) if payment else "",  # noqa: S704 - drawn by us
        "sums": [(_label(what, said), amount) for what, amount in page.sums],
        "dated": said.day(page.bill_date),
    }
    return render(_HTML, language, heading, values)


def _label(what: Sum | PageTax, said: BillTexts) -> str:
    """What an amount is, such as `VAT (5 %, included)`."""
    if isinstance(what, Sum):
        return said.sums[what]
    return f"{what.label} ({what.rate} %{f', {said.included}' if what.included else ''})"


def _due(page: BillPage, said: BillTexts) -> str:
    """Until when it is to be paid, or was."""
    if page.due_date is None:
        return ""
    return (said.overdue if page.is_overdue else said.due).format(day=said.day(page.due_date))
