"""Hindi: number words, units and frequencies."""

from __future__ import annotations

from fractions import Fraction

from shared.records.languages.measured import Measures, Numbers
from shared.records.languages.writing import counted, listed

NUMBERS = Numbers(
    whole={
        **counted(
            """
            शून्य एक दो तीन चार पांच/पाँच छह/छः/छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह सोलह सत्रह अठारह उन्नीस बीस
            इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस
            उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन
            चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर
            बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी
            अट्ठासी नवासी नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
            """
        ),
    },
    scales={"सौ": 100, "हजार": 1_000, "हज़ार": 1_000, "लाख": 100_000},
    fixed={
        "आधा": Fraction(1, 2),
        "आधी": Fraction(1, 2),
        "पाव": Fraction(1, 4),
        "डेढ़": Fraction(3, 2),
        "डेढ": Fraction(3, 2),
        "ढाई": Fraction(5, 2),
    },
    points=listed("दशमलव"),
    ranges=listed("से या"),
    vague=listed("एक"),
)
MEASURES = Measures(
    units={
        "microgram": "माइक्रोग्राम एमसीजी",
        "milligram": "मिलीग्राम मिग्रा एमजी",
        "gram": "ग्राम",
        "kilogram": "किलो किलोग्राम",
        "millilitre": "मिलीलीटर",
        "litre": "लीटर",
        "unit": "यूनिट",
        "tablet": "गोली गोलियां गोलियाँ",
        "drop": "बूंद बूँद",
        "percent": "प्रतिशत",
        "second": "सेकंड",
        "minute": "मिनट",
        "hour": "घंटा घंटे घंटों",
        "day": "दिन दिनों",
        "week": "हफ्ता हफ्ते हफ़्ते हफ्तों सप्ताह",
        "month": "महीना महीने महीनों माह",
        "year": "साल सालों वर्ष",
        "time": "बार",
        "degree": "डिग्री",
    },
    periods={"day": "दिन रोज रोज़ रोजाना", "week": "हफ्ते हफ़्ते सप्ताह", "month": "महीने", "year": "साल"},
    frequencies={"सुबह शाम": Fraction(2), "एक दिन छोड़कर": Fraction(1, 2)},
    times=listed("बार"),
    every=listed("हर"),
    each=listed("हर"),
    articles=listed("में"),
    numbered=listed("टाइप"),
    forms=listed("कैप्सूल चम्मच रोज रोज़ रोजाना"),
)
