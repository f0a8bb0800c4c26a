"""The texts of a bill's page, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from shared.web.link_pages.texts import PageLanguage
from shared.web.link_pages.visit_texts import VISIT_TEXTS
from shared.workflows.billing.bill_pages import BillState, Sum


@dataclass(frozen=True)
class BillTexts:
    """All texts of the page in one language."""

    said: Mapping[BillState, tuple[str, str]]
    """The heading, and the sentence below it."""
    months: tuple[str, ...]
    due: str
    overdue: str
    how_to_pay: str
    pay_online: str
    pay_by_upi: str
    scan: str
    code: str
    upi_id: str
    ask: str
    """Where the clinic has said nothing about how to pay."""
    what_for: str
    service: str
    amount: str
    sums: Mapping[Sum, str]
    included: str
    """Of a tax that the prices have in them."""
    practice: str
    number: str
    dated: str
    pdf: str
    phone: str

    def day(self, day: date) -> str:
        """A day in words, such as 14 March 2027."""
        return f"{day.day} {self.months[day.month - 1]} {day.year}"


_ENGLISH = BillTexts(
    said={
        BillState.OWED: ("Your bill", "To be paid now:"),
        BillState.PAID: ("This bill is paid", "Nothing more is to be paid. Thank you."),
        BillState.SETTLED: ("Nothing is to be paid", "You owe nothing for this bill."),
        BillState.DISPUTED: ("This bill is being looked into", "Please do not pay it now. The practice contacts you."),
        BillState.CANCELLED: ("This bill is cancelled", "Nothing is to be paid for it."),
        BillState.REPLACED: (
            "Another bill replaces this one",
            "Please do not pay this one. Call the practice if you do not have the new one.",
        ),
    },
    months=VISIT_TEXTS[PageLanguage.ENGLISH].months,
    due="Please pay by {day}.",
    overdue="It was to be paid by {day}.",
    how_to_pay="How to pay",
    pay_online="Pay online",
    pay_by_upi="Pay with a UPI app",
    scan="Or scan this code with a UPI app on another telephone:",
    code="QR code of the UPI payment",
    upi_id="UPI id",
    ask="Ask the practice how to pay.",
    what_for="What it is for",
    service="Service",
    amount="Amount",
    sums={
        Sum.SUBTOTAL: "Subtotal",
        Sum.DISCOUNT: "Discount",
        Sum.ROUND_OFF: "Round-off",
        Sum.TOTAL: "Total",
        Sum.PAID: "Paid",
        Sum.CREDITED: "Credited",
        Sum.WRITTEN_OFF: "Not asked for",
        Sum.INSURER: "Covered by insurance",
        Sum.OWED: "To be paid",
    },
    included="included",
    practice="Practice",
    number="Bill number",
    dated="Bill date",
    pdf="Open the bill as PDF",
    phone="Telephone:",
)

_HINDI = BillTexts(
    said={
        BillState.OWED: ("आपका बिल", "अभी देय राशि:"),
        BillState.PAID: ("इस बिल का भुगतान हो चुका है", "अब कुछ भी देना बाकी नहीं है। धन्यवाद।"),
        BillState.SETTLED: ("कुछ भी देना बाकी नहीं है", "इस बिल के लिए आपको कुछ नहीं देना है।"),
        BillState.DISPUTED: ("इस बिल की जाँच हो रही है", "कृपया अभी भुगतान न करें। क्लिनिक आपसे संपर्क करेगा।"),
        BillState.CANCELLED: ("यह बिल रद्द हो चुका है", "इसके लिए कुछ भी नहीं देना है।"),
        BillState.REPLACED: (
            "इसकी जगह दूसरा बिल है",
            "कृपया इस बिल का भुगतान न करें। यदि नया बिल आपके पास नहीं है, तो क्लिनिक को फ़ोन करें।",
        ),
    },
    months=VISIT_TEXTS[PageLanguage.HINDI].months,
    due="कृपया {day} तक भुगतान करें।",
    overdue="इसका भुगतान {day} तक होना था।",
    how_to_pay="भुगतान कैसे करें",
    pay_online="ऑनलाइन भुगतान करें",
    pay_by_upi="UPI ऐप से भुगतान करें",
    scan="या दूसरे फ़ोन के UPI ऐप से यह कोड स्कैन करें:",
    code="UPI भुगतान का QR कोड",
    upi_id="UPI आईडी",
    ask="भुगतान कैसे करें, यह क्लिनिक से पूछें।",
    what_for="यह बिल किसके लिए है",
    service="सेवा",
    amount="राशि",
    sums={
        Sum.SUBTOTAL: "उप-योग",
        Sum.DISCOUNT: "छूट",
        Sum.ROUND_OFF: "पूर्णांकन",
        Sum.TOTAL: "कुल",
        Sum.PAID: "भुगतान हो चुका",
        Sum.CREDITED: "घटाया गया",
        Sum.WRITTEN_OFF: "छोड़ दिया गया",
        Sum.INSURER: "बीमा से",
        Sum.OWED: "देय राशि",
    },
    included="शामिल",
    practice="क्लिनिक",
    number="बिल संख्या",
    dated="बिल की तारीख़",
    pdf="बिल PDF में खोलें",
    phone="फ़ोन:",
)

BILL_TEXTS: Mapping[PageLanguage, BillTexts] = {PageLanguage.ENGLISH: _ENGLISH, PageLanguage.HINDI: _HINDI}
