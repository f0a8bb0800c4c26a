"""The texts of the pages, in each language that they exist in. They never name a clinic, a person or a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.records.links.passcode import PasscodeKind
from shared.workflows.links.opening import PageState


class PageLanguage(StrEnum):
    """A language of the pages. A new one needs an entry in `TEXTS`."""

    ENGLISH = "en"
    HINDI = "hi"


@dataclass(frozen=True)
class Said:
    """What a page says about the state of the link: the heading, and the sentence below it."""

    heading: str
    text: str


@dataclass(frozen=True)
class Texts:
    """All texts of the pages in one language."""

    name: str
    """The language in itself."""
    languages: str
    said: Mapping[PageState, Said]
    asked: Mapping[PasscodeKind, str]
    """What the form asks for."""
    hint: Mapping[PasscodeKind, str]
    fields: Mapping[str, str]
    open: str
    safety: str


_ASK_AGAIN = {
    "en": "Ask the practice for a new link.",
    "hi": "अपने क्लिनिक से नया लिंक माँगें।",
}

_ENGLISH = Texts(
    name="English",
    languages="Language",
    said={
        PageState.ASKS: Said("A document for you", "Your document is protected. Enter the following to open it."),
        PageState.INCOMPLETE: Said("Please check what you entered", "Fill in every field with digits."),
        PageState.AGAIN: Said("Please enter it once more", "The page was too old, or sent too quickly."),
        PageState.WRONG: Said("That does not match", "Check it and try again. Five wrong tries lock the link."),
        PageState.LOCKED: Said("This link is locked", f"It was tried with wrong entries. {_ASK_AGAIN['en']}"),
        PageState.EXPIRED: Said("This link has expired", _ASK_AGAIN["en"]),
        PageState.REVOKED: Said("This link was withdrawn", "The practice withdrew it. It opens nothing any more."),
        PageState.USED: Said("This link is used up", f"It was opened as often as possible. {_ASK_AGAIN['en']}"),
        PageState.WITHDRAWN: Said("The document is no longer shared", "The practice no longer shares it by this link."),
        PageState.PREPARING: Said("One moment, please", "The document is being prepared. Enter it again in a minute."),
        PageState.BUSY: Said("Please try again later", "Too many wrong entries were made. Try again in an hour."),
        PageState.FAILED: Said("It cannot be opened now", "Something went wrong here. Try again in a few minutes."),
        PageState.UNKNOWN: Said(
            "There is no such link", "Open the link in your message once more. If it is on two lines, copy all of it."
        ),
    },
    asked={
        PasscodeKind.DATE_OF_BIRTH: "The patient's date of birth",
        PasscodeKind.SENT_CODE: "The code that was sent to you separately",
        PasscodeKind.TOLD_CODE: "The code that the practice told you",
    },
    hint={
        PasscodeKind.DATE_OF_BIRTH: "For example 27 3 1990",
        PasscodeKind.SENT_CODE: "Six digits",
        PasscodeKind.TOLD_CODE: "Six digits",
    },
    fields={"day": "Day", "month": "Month", "year": "Year", "code": "Code"},
    open="Open the document",
    safety="Opening the document tells the practice when, and from which internet address, it was opened.",
)

_HINDI = Texts(
    name="हिन्दी",
    languages="भाषा",
    said={
        PageState.ASKS: Said("आपके लिए एक दस्तावेज़", "आपका दस्तावेज़ सुरक्षित है। उसे खोलने के लिए नीचे दी गई जानकारी भरें।"),
        PageState.INCOMPLETE: Said("कृपया भरी हुई जानकारी जाँचें", "हर खाने में अंक भरें।"),
        PageState.AGAIN: Said("कृपया एक बार फिर भरें", "पेज पुराना हो गया था, या बहुत जल्दी भेजा गया।"),
        PageState.WRONG: Said("यह मेल नहीं खाता", "जाँचकर फिर कोशिश करें। पाँच ग़लत कोशिशों के बाद लिंक बंद हो जाता है।"),
        PageState.LOCKED: Said("यह लिंक बंद है", f"इसमें कई बार ग़लत जानकारी भरी गई। {_ASK_AGAIN['hi']}"),
        PageState.EXPIRED: Said("इस लिंक का समय समाप्त हो गया है", _ASK_AGAIN["hi"]),
        PageState.REVOKED: Said("यह लिंक वापस ले लिया गया है", "क्लिनिक ने इसे वापस ले लिया है। यह अब कुछ नहीं खोलता।"),
        PageState.USED: Said("इस लिंक का पूरा उपयोग हो चुका है", f"यह और नहीं खुल सकता। {_ASK_AGAIN['hi']}"),
        PageState.WITHDRAWN: Said("दस्तावेज़ अब साझा नहीं है", "क्लिनिक अब इसे इस लिंक से साझा नहीं करता।"),
        PageState.PREPARING: Said("कृपया थोड़ी देर रुकें", "दस्तावेज़ तैयार हो रहा है। एक मिनट बाद फिर से भरें।"),
        PageState.BUSY: Said("कृपया बाद में कोशिश करें", "बहुत बार ग़लत जानकारी भरी गई। एक घंटे बाद फिर कोशिश करें।"),
        PageState.FAILED: Said("यह अभी नहीं खुल सकता", "हमारी ओर से कुछ गड़बड़ हुई। कुछ मिनट बाद फिर कोशिश करें।"),
        PageState.UNKNOWN: Said("ऐसा कोई लिंक नहीं है", "अपने संदेश का लिंक फिर से खोलें। यदि वह दो पंक्तियों में है, तो पूरा कॉपी करें।"),
    },
    asked={
        PasscodeKind.DATE_OF_BIRTH: "मरीज़ की जन्म तिथि",
        PasscodeKind.SENT_CODE: "वह कोड जो आपको अलग से भेजा गया",
        PasscodeKind.TOLD_CODE: "वह कोड जो क्लिनिक ने आपको बताया",
    },
    hint={
        PasscodeKind.DATE_OF_BIRTH: "उदाहरण: 27 3 1990",
        PasscodeKind.SENT_CODE: "छह अंक",
        PasscodeKind.TOLD_CODE: "छह अंक",
    },
    fields={"day": "दिन", "month": "महीना", "year": "वर्ष", "code": "कोड"},
    open="दस्तावेज़ खोलें",
    safety="दस्तावेज़ खोलने पर क्लिनिक को पता चलता है कि वह कब और किस इंटरनेट पते से खोला गया।",
)

TEXTS: Mapping[PageLanguage, Texts] = {PageLanguage.ENGLISH: _ENGLISH, PageLanguage.HINDI: _HINDI}
