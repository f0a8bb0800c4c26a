"""Number words of the languages with word lists."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction


def _counted(words: str, first: int = 0, step: int = 1) -> dict[str, int]:
    """The values of words in order; words of one value are joined by a slash."""
    return {word: first + step * at for at, group in enumerate(words.split()) for word in group.split("/")}


ONES: Mapping[str, int] = _counted("zero/oh/nought one two three four five six seven eight nine")
TEENS: Mapping[str, int] = _counted(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10
)
TENS: Mapping[str, int] = _counted("twenty thirty forty/fourty fifty sixty seventy eighty ninety", 20, 10)
ORDINALS: Mapping[str, int] = {
    **_counted(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
        1,
    ),
    "thirtieth": 30,
}
SCALES: Mapping[str, int] = {
    "hundred": 100, "thousand": 1_000, "lakh": 100_000, "lakhs": 100_000, "crore": 10_000_000, "million": 1_000_000,
    "सौ": 100, "हजार": 1_000, "हज़ार": 1_000, "लाख": 100_000, "நூறு": 100, "ஆயிரம்": 1_000, "லட்சம்": 100_000,
}  # fmt: skip
FIXED: Mapping[str, Fraction] = {
    "twice": Fraction(2), "thrice": Fraction(3), "couple": Fraction(2), "dozen": Fraction(12), "double": Fraction(2),
    **dict.fromkeys(("half", "आधा", "आधी", "அரை"), Fraction(1, 2)),
    **dict.fromkeys(("quarter", "पाव", "கால்"), Fraction(1, 4)),
    "डेढ़": Fraction(3, 2), "डेढ": Fraction(3, 2), "ढाई": Fraction(5, 2), "ஒன்றரை": Fraction(3, 2),
    "once": Fraction(1),
}  # fmt: skip
MONTHS: Mapping[str, int] = _counted(
    "january/jan february/feb march april/apr may june/jun july/jul august/aug september/sept/sep october/oct "
    "november/nov december/dec",
    1,
)
_HINDI = """
शून्य एक दो तीन चार पांच/पाँच छह/छः/छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस
चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस
तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास
"""
_TAMIL = """
பூஜ்யம் ஒன்று/ஒரு இரண்டு/ரெண்டு மூன்று/மூணு நான்கு/நாலு ஐந்து/அஞ்சு ஆறு ஏழு எட்டு ஒன்பது பத்து பதினொன்று பன்னிரண்டு பதின்மூன்று
பதினான்கு பதினைந்து பதினாறு பதினேழு பதினெட்டு பத்தொன்பது இருபது
"""
WHOLE: Mapping[str, int] = {
    **_counted(_HINDI),
    "साठ": 60,
    "सत्तर": 70,
    "अस्सी": 80,
    "नब्बे": 90,
    **_counted(_TAMIL),
    "முப்பது": 30,
    "நாற்பது": 40,
    "ஐம்பது": 50,
    "அறுபது": 60,
    "எழுபது": 70,
    "எண்பது": 80,
    "தொண்ணூறு": 90,
    "இருநூறு": 200,
    "முந்நூறு": 300,
    "நானூறு": 400,
    "ஐந்நூறு": 500,
}
"""Number words that stand for themselves, in Hindi and Tamil."""
