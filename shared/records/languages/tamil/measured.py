"""Tamil: number words, units and frequencies."""

from __future__ import annotations

from fractions import Fraction

from shared.records.languages.measured import Measures, Numbers
from shared.records.languages.writing import counted, listed

_TENS = counted("இருபத் முப்பத் நாற்பத் ஐம்பத் அறுபத் எழுபத் எண்பத் தொண்ணூற்", 20, 10)
"""The beginnings of 21 to 99, without the consonant that joins them to the ones."""
_ONES = counted("ொன்று ிரண்டு ுமூன்று/ிமூன்று ுநான்கு/ிநான்கு/ிநாலு ைந்து/ைஞ்சு ாறு ேழு ெட்டு ொன்பது", 1)
"""The ends of 21 to 99."""
_HUNDREDS = counted(
    "நூற்று/நூத்தி இருநூற்று முந்நூற்று/முன்னூற்று நானூற்று ஐந்நூற்று/ஐநூற்று அறுநூற்று எழுநூற்று எண்ணூற்று தொள்ளாயிரத்து", 100, 100
)
_THOUSANDS = {
    **counted(
        """
        ஓராயிர இரண்டாயிர/ரெண்டாயிர மூவாயிர/மூன்றாயிர/மூணாயிர நாலாயிர/நான்காயிர ஐயாயிர/ஐந்தாயிர/அஞ்சாயிர ஆறாயிர ஏழாயிர எட்டாயிர
        ஒன்பதாயிர
        """,
        1_000,
        1_000,
    ),
    **counted("பத்தாயிர இருபதாயிர முப்பதாயிர நாற்பதாயிர ஐம்பதாயிர அறுபதாயிர எழுபதாயிர எண்பதாயிர தொண்ணூறாயிர", 10_000, 10_000),
}


def _joining(beginning: str) -> str:
    """The consonant between the tens and the ones."""
    return "ற" if beginning.endswith("ற்") else "த"


NUMBERS = Numbers(
    whole={
        **{
            f"{tens}{_joining(tens)}{ones}": value + more
            for tens, value in _TENS.items()
            for ones, more in _ONES.items()
        },
        **{f"{thousand}ம்": value for thousand, value in _THOUSANDS.items()},
        **counted(
            """
            பூஜ்யம் ஒன்று/ஒரு இரண்டு/ரெண்டு மூன்று/மூணு நான்கு/நாலு ஐந்து/அஞ்சு ஆறு ஏழு எட்டு ஒன்பது பத்து பதினொன்று பன்னிரண்டு
            பதின்மூன்று பதினான்கு பதினைந்து பதினாறு பதினேழு பதினெட்டு பத்தொன்பது இருபது
            """
        ),
        **counted("முப்பது நாற்பது ஐம்பது அறுபது எழுபது எண்பது தொண்ணூறு", 30, 10),
        **counted("இருநூறு முந்நூறு/முன்னூறு நானூறு ஐந்நூறு/ஐநூறு அறுநூறு எழுநூறு எண்ணூறு தொள்ளாயிரம்", 200, 100),
    },
    added={
        **{f"{tens}{_joining(tens)}{end}": value for tens, value in _TENS.items() for end in "ுி"},
        **_HUNDREDS,
        **{f"{thousand}த்து": value for thousand, value in {"ஆயிர": 1_000, **_THOUSANDS}.items()},
    },
    scales={"நூறு": 100, "ஆயிரம்": 1_000, "லட்சம்": 100_000},
    fixed={"அரை": Fraction(1, 2), "பாதி": Fraction(1, 2), "கால்": Fraction(1, 4), "ஒன்றரை": Fraction(3, 2)},
    ranges=listed("முதல் அல்லது"),
    vague=listed("ஒரு"),
)
MEASURES = Measures(
    units={
        "microgram": "மைக்ரோகிராம் எம்சிஜி",
        "milligram": "மில்லிகிராம் மிகி எம்ஜி",
        "gram": "கிராம்",
        "kilogram": "கிலோ",
        "millilitre": "மில்லி",
        "litre": "லிட்டர்",
        "unit": "அலகு இலகு யூனிட் யூனிட்கள்",
        "tablet": "மாத்திரை மாத்திரைகள்",
        "drop": "சொட்டு",
        "percent": "சதவீதம்",
        "minute": "நிமிடம் நிமிடங்கள்",
        "hour": "மணிநேரம்",
        "day": "நாள் நாட்கள் நாட்களாக நாளாக",
        "week": "வாரம் வாரங்கள் வாரமாக வாரங்களாக",
        "month": "மாதம் மாதங்கள் மாதமாக மாதங்களாக",
        "year": "வருடம் ஆண்டு வயது வருடங்கள் வருடமாக",
        "time": "முறை தடவை",
    },
    periods={"day": "நாள் நாளைக்கு தினமும்", "week": "வாரம் வாரத்திற்கு", "month": "மாதம் மாதத்திற்கு", "year": "வருடம்"},
    frequencies={"காலை மாலை": Fraction(2), "காலையும் மாலையும்": Fraction(2)},
    times=listed("முறை தடவை"),
    forms=listed("கரண்டி தினமும்"),
)
