"""Titles beside names, such as Mrs, Dr and श्रीमती. They are no part of the name that a patient is found by."""

from __future__ import annotations

from functools import cache

from shared.records.patients import names

_WRITTEN = """
mr mrs ms mx miss mister missus master mstr sir madam maam dr doctor prof professor rev reverend
smt shri shree sri sree shrimati shreemati sushri kum kumari ku thiru tmt thirumathi thirumati pt pandit er adv
janab mohtarma muhtarma haji hajji
herr frau fräulein monsieur madame mademoiselle mme mlle señor señora señorita sra srta senhor senhora signor signora
dhr mevr
श्री श्रीमती श्रीमान सुश्री कुमारी कु डॉ डॉक्टर डा प्रो पंडित पं मा
শ্রী শ্রীমতী জনাব ডা ডাঃ ডঃ ড ডাক্তার
ਸ੍ਰੀ ਸ਼੍ਰੀ ਸ੍ਰੀਮਤੀ ਸ਼੍ਰੀਮਤੀ ਡਾ ਡਾਕਟਰ
શ્રી શ્રીમતી ડૉ ડો ડોક્ટર
ଶ୍ରୀ ଶ୍ରୀମତୀ ଡା ଡାକ୍ତର
திரு திருமதி டாக்டர் முனைவர் மருத்துவர்
శ్రీ శ్రీమతి డా డాక్టర్
ಶ್ರೀ ಶ್ರೀಮತಿ ಡಾ ಡಾಕ್ಟರ್
ശ്രീ ശ്രീമതി ഡോ ഡോക്ടർ
ڈاکٹر جناب محترم محترمہ مسٹر مسز
السيد السيدة الآنسة الدكتور الدكتورة دكتور دكتورة
господин госпожа доктор
מר גב גברת
先生 女士 小姐 太太 医生 醫生 博士 さん 様 씨 님
"""
"""Titles of the languages that the product's clinics speak, and of their neighbours. Kinship terms, ranks, and parts of
names such as Begum, Bibi, Devi and Md are none. Some titles are names elsewhere (Sri in Indonesia): see `untitled`."""


@cache
def _titles() -> frozenset[str]:
    return frozenset(names.squeezed(title) for title in _WRITTEN.split())


def untitled(text: str) -> str:
    """The text without titles, or as it is if nothing else is left: Sri may be all of a name.

    Queries and stored names lose the same words, so who has a title for a name is found by the other names, or by it.
    """
    kept = [rest for word in text.split() if (rest := _without_title(word))]
    return " ".join(kept) or text


def _without_title(word: str) -> str:
    """The word without the titles that it begins with before a dot, as in Dr.Asha; empty for a title."""
    while "." in word.rstrip(".") and is_title(word.partition(".")[0]):
        word = word.partition(".")[2]
    return "" if is_title(word) else word


def is_title(word: str) -> bool:
    """True for a word that is a title in some language; case, a dot after it and brackets do not matter. M.S. is none:
    a dot within a word stands after an initial."""
    return "." not in word.rstrip(".,)") and names.squeezed(word) in _titles()
