"""English: number words, units and frequencies. Latin abbreviations and signs of units stand here for all languages."""

from __future__ import annotations

from fractions import Fraction

from shared.records.languages.measured import Measures, Numbers
from shared.records.languages.writing import counted, listed

NUMBERS = Numbers(
    ones=counted("zero/oh/nought one two three four five six seven eight nine"),
    teens=counted("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 10),
    tens=counted("twenty thirty forty/fourty fifty sixty seventy eighty ninety", 20, 10),
    ordinals={
        **counted(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
            1,
        ),
        "thirtieth": 30,
    },
    scales={
        "hundred": 100,
        "thousand": 1_000,
        "lakh": 100_000,
        "lakhs": 100_000,
        "crore": 10_000_000,
        "million": 1_000_000,
    },
    fixed={
        "half": Fraction(1, 2),
        "quarter": Fraction(1, 4),
        "once": Fraction(1),
        "twice": Fraction(2),
        "thrice": Fraction(3),
        "couple": Fraction(2),
        "double": Fraction(2),
        "dozen": Fraction(12),
    },
    months=counted(
        "january/jan february/feb march april/apr may june/jun july/jul august/aug september/sept/sep october/oct "
        "november/nov december/dec",
        1,
    ),
    joins=listed("and"),
    points=listed("point"),
    ordinal_endings=listed("st nd rd th"),
    vague=listed("one first second once oh may march"),
    fractions=("and a half", "and a quarter"),
)
MEASURES = Measures(
    units={
        "microgram": "mcg mcgs ug μg microgram micrograms",
        "milligram": "mg mgs milligram milligrams milligramme milligrammes",
        "gram": "g gm gms gram grams",
        "kilogram": "kg kgs kilo kilos kilogram kilograms",
        "millilitre": "ml mls cc millilitre millilitres milliliter milliliters",
        "litre": "l litre litres liter liters",
        "unit": "unit units iu",
        "tablet": "tablet tablets tab tabs pill pills capsule capsules cap caps",
        "puff": "puff puffs",
        "drop": "drop drops",
        "percent": "% percent percents",
        "second": "second seconds sec secs",
        "minute": "minute minutes min mins",
        "hour": "hour hours hr hrs hourly",
        "day": "day days",
        "week": "week weeks wk wks",
        "month": "month months mo mos",
        "year": "year years yr yrs",
        "time": "times",
        "millimetre of mercury": "mmhg",
        "degree": "degree degrees celsius fahrenheit",
        "millimetre": "mm millimeter millimeters millimetre millimetres",
        "centimetre": "cm centimeter centimeters centimetre centimetres",
        "metre": "m meter meters metre metres",
        "mile": "mile miles",
        "pound": "lb lbs pound pounds",
        "inch": "inch inches",
        "foot": "foot feet ft",
        "beat": "bpm beats",
        "pack": "pack packs",
    },
    periods={
        "day": "day daily",
        "night": "night nightly",
        "week": "week weekly",
        "month": "month monthly",
        "year": "year yearly annually",
    },
    adverbs=listed("daily weekly monthly nightly"),
    latin={
        "qd": Fraction(1),
        "od": Fraction(1),
        "qhs": Fraction(1),
        "hs": Fraction(1),
        "bid": Fraction(2),
        "bd": Fraction(2),
        "tid": Fraction(3),
        "tds": Fraction(3),
        "qid": Fraction(4),
        "qds": Fraction(4),
        "qod": Fraction(1, 2),
    },
    times=listed("times time x"),
    counted=listed("once twice thrice"),
    every=listed("every"),
    each=listed("every each per"),
    articles=listed("a an per every each / in the"),
    one=listed("a an"),
    numbered=listed("type stage grade class"),
    also_terms=listed("pounds pound packs pack second"),
    forms=listed("dose doses daily weekly hourly nightly mmol"),
)
