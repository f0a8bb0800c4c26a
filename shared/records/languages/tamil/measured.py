"""Tamil: number words, units and frequencies."""

from __future__ import annotations

from fractions import Fraction

from shared.records.languages.measured import Measures, Numbers
from shared.records.languages.writing import counted, listed

NUMBERS = Numbers(
    whole={
        **counted(
            """
            பூஜ்யம் ஒன்று/ஒரு இரண்டு/ரெண்டு மூன்று/மூணு நான்கு/நாலு ஐந்து/அஞ்சு ஆறு ஏழு எட்டு ஒன்பது பத்து பதினொன்று பன்னிரண்டு
            பதின்மூன்று பதினான்கு பதினைந்து பதினாறு பதினேழு பதினெட்டு பத்தொன்பது இருபது
            """
        ),
        **counted("முப்பது நாற்பது ஐம்பது அறுபது எழுபது எண்பது தொண்ணூறு", 30, 10),
        **counted("இருநூறு முந்நூறு நானூறு ஐந்நூறு", 200, 100),
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
        "unit": "இலகு",
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
