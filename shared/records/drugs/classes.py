"""Classes of drugs that people are allergic to as a whole: an allergy to penicillin is one to amoxicillin.

The members are those of groups of the WHO's ATC classification (J01C, J01D, J01E, M01A, J01F, J01M, J01A), with brands
of mixtures, which the list of drugs does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from shared.records.drugs.names import drugs_in, medicines
from shared.records.languages.writing import listed

_CLASSES: Mapping[str, str] = {
    "penicillins": """
        penicillin penicillins amoxicillin ampicillin cloxacillin dicloxacillin flucloxacillin oxacillin nafcillin
        piperacillin phenoxymethylpenicillin benzylpenicillin amoxiclav amoxyclav augmentin clavam tazobactam piptaz
        """,
    "cephalosporins": """
        cephalosporin cephalosporins cephalexin cefazolin cefuroxime cefixime ceftriaxone cefotaxime cefpodoxime
        cefdinir cefepime cefaclor cefadroxil ceftazidime cefoperazone
        """,
    "sulfonamides": """
        sulfa sulpha sulfonamide sulfonamides sulphonamide sulphonamides sulfamethoxazole sulfadiazine sulfasalazine
        cotrimoxazole bactrim septra septran
        """,
    "nsaids": """
        nsaid nsaids ibuprofen naproxen diclofenac aceclofenac indomethacin ketorolac mefenamic piroxicam meloxicam
        etoricoxib celecoxib aspirin nimesulide etodolac combiflam
        """,
    "macrolides": "macrolide macrolides erythromycin azithromycin clarithromycin roxithromycin",
    "quinolones": """
        quinolone quinolones fluoroquinolone fluoroquinolones ciprofloxacin levofloxacin ofloxacin moxifloxacin
        norfloxacin
        """,
    "tetracyclines": "tetracycline tetracyclines doxycycline minocycline",
}
"""By class: the words that name it, and its members."""


def substances_in(tokens: Sequence[str]) -> dict[int, set[str]]:
    """By the position of a token: the drug that it names, and the class of it."""
    named = {at: {drug} for at, drug in drugs_in(tokens).items()}
    for at, token in enumerate(tokens):
        if classes := _classes().get(medicines().get(token, token)):
            named[at] = named.get(at, set()) | classes
    return named


@cache
def _classes() -> Mapping[str, set[str]]:
    """By the name of a drug, or a word: its classes."""
    found: dict[str, set[str]] = {}
    for name, words in _CLASSES.items():
        for word in listed(words):
            found.setdefault(medicines().get(word, word), set()).add(name)
    return found
