"""Units of quantities: spellings, and conversion to one unit of each kind. Numbers are exact."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from shared.records.claims.wordlists import listed


def _table(*lines: str) -> dict[str, tuple[str, Fraction]]:
    """Each line: kind, factor, then the spellings."""
    rows = (line.split() for line in lines)
    return {word: (kind, Fraction(factor)) for kind, factor, *words in rows for word in words}


UNITS: Mapping[str, tuple[str, Fraction]] = _table(
    "mass 1 mcg mcgs µg ug μg microgram micrograms माइक्रोग्राम एमसीजी மைக்ரோகிராம் எம்சிஜி",
    "mass 1000 mg mgs milligram milligrams milligramme milligrammes मिलीग्राम मिग्रा एमजी மில்லிகிராம் மிகி எம்ஜி",
    "mass 1000000 g gm gms gram grams ग्राम கிராம்",
    "mass 1000000000 kg kgs kilo kilos kilogram kilograms किलो किलोग्राम கிலோ",
    "volume 1 ml mls cc millilitre millilitres milliliter milliliters मिलीलीटर மில்லி",
    "volume 1000 l litre litres liter liters लीटर லிட்டர்",
    "count 1 unit units iu यूनिट இலகு",
    "tablet 1 tablet tablets tab tabs pill pills capsule capsules cap caps गोली गोलियां गोलियाँ மாத்திரை மாத்திரைகள்",
    "puff 1 puff puffs",
    "drop 1 drop drops बूंद बूँद சொட்டு",
    "percent 1 % percent percents प्रतिशत சதவீதம்",
    "hours 1 hour hours hr hrs hourly घंटा घंटे घंटों மணிநேரம்",
    "hours 1/60 minute minutes min mins मिनट நிமிடம் நிமிடங்கள்",
    "hours 1/3600 second seconds sec secs सेकंड",
    "hours 24 day days दिन दिनों நாள் நாட்கள் நாட்களாக நாளாக",
    "hours 168 week weeks wk wks हफ्ता हफ्ते हफ़्ते हफ्तों सप्ताह வாரம் வாரங்கள் வாரமாக வாரங்களாக",
    "months 1 month months mo mos महीना महीने महीनों माह மாதம் மாதங்கள் மாதமாக மாதங்களாக",
    "months 12 year years yr yrs साल सालों वर्ष வருடம் ஆண்டு வயது வருடங்கள் வருடமாக",
    "times 1 times बार முறை தடவை",
    "pressure 1 mmhg",
    "degrees 1 degree degrees celsius fahrenheit डिग्री",
    "length 1 mm millimeter millimeters millimetre millimetres",
    "length 10 cm centimeter centimeters centimetre centimetres",
    "length 1000 m meter meters metre metres",
    "distance 1 mile miles",
    "pounds 1 lb lbs pound pounds",
    "inches 1 inch inches",
    "inches 12 foot feet ft",
    "rate 1 bpm beats",
    "pack 1 pack packs",
)
"""By the spelling: the kind of the unit, and how many of the kind's smallest unit it is."""

DOSED = frozenset({"mass", "volume", "count", "tablet", "puff", "drop"})
PERIODS: Mapping[str, Fraction] = {
    **dict.fromkeys(listed("day daily दिन रोज रोज़ रोजाना நாள் நாளைக்கு தினமும்"), Fraction(1)),
    **dict.fromkeys(listed("night nightly"), Fraction(1)),
    **dict.fromkeys(listed("week weekly हफ्ते हफ़्ते सप्ताह வாரம் வாரத்திற்கு"), Fraction(1, 7)),
    **dict.fromkeys(listed("month monthly महीने மாதம் மாதத்திற்கு"), Fraction(1, 30)),
    **dict.fromkeys(listed("year yearly annually साल வருடம்"), Fraction(1, 365)),
}
"""Words of a frequency's period, as periods a day."""
LATIN: Mapping[str, Fraction] = {
    "qd": Fraction(1), "od": Fraction(1), "qhs": Fraction(1), "hs": Fraction(1), "bid": Fraction(2), "bd": Fraction(2),
    "tid": Fraction(3), "tds": Fraction(3), "qid": Fraction(4), "qds": Fraction(4), "qod": Fraction(1, 2),
}  # fmt: skip
"""Latin frequencies, times a day."""
