"""Indian GST registration numbers (GSTIN), and the states that they and addresses name."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from shared.records.types import is_request

_PARTS = re.compile(r"[,;\n]")
_PIN_CODE = re.compile(r"[0-9]{3} ?[0-9]{3}$")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

STATES = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
}
"""State codes of GST returns, without those that were merged or renumbered (25, 28)."""
OTHER_COUNTRY = "96"
"""The code of a place outside India."""
UNION_TERRITORIES = frozenset({"04", "26", "31", "35", "38"})
"""Territories without a legislature: they levy UTGST in place of SGST (UTGST Act 2017)."""

_FORMER_NAMES = {
    "orissa": "21",
    "pondicherry": "34",
    "uttaranchal": "05",
    "new delhi": "07",
    "nct of delhi": "07",
    "daman and diu": "26",
    "dadra and nagar haveli": "26",
}
_ISO_3166_2 = {
    "JK": "01",
    "HP": "02",
    "PB": "03",
    "CH": "04",
    "UT": "05",
    "UK": "05",
    "HR": "06",
    "DL": "07",
    "RJ": "08",
    "UP": "09",
    "BR": "10",
    "SK": "11",
    "AR": "12",
    "NL": "13",
    "MN": "14",
    "MZ": "15",
    "TR": "16",
    "ML": "17",
    "AS": "18",
    "WB": "19",
    "JH": "20",
    "OD": "21",
    "OR": "21",
    "CG": "22",
    "CT": "22",
    "MP": "23",
    "GJ": "24",
    "DH": "26",
    "MH": "27",
    "KA": "29",
    "GA": "30",
    "LD": "31",
    "KL": "32",
    "TN": "33",
    "PY": "34",
    "AN": "35",
    "TG": "36",
    "TS": "36",
    "AP": "37",
    "LA": "38",
}
"""Subdivisions of India in ISO 3166-2, with the former codes that people still write."""


def check_digit(body: str) -> str:
    """The last character of a GSTIN whose other 14 are these."""
    total = 0
    for at, character in enumerate(body):
        product = _DIGITS.index(character) * (1 + at % 2)
        total += product // 36 + product % 36
    return _DIGITS[-total % 36]


def _gstin(text: str, info: ValidationInfo) -> str:
    """Check a GSTIN from a request; a stored one was checked then."""
    if is_request(info):
        if text[:2] not in STATES:
            raise ValueError("the first two digits of a GSTIN are the code of a state")
        if check_digit(text[:-1]) != text[-1]:
            raise ValueError("the check digit of the GSTIN is wrong: compare it with the certificate of registration")
    return text


Gstin = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][0-9A-Z]{2}$"), AfterValidator(_gstin)
]
"""A GST registration number of 15 characters."""
StateCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
"""The code of a state in GST returns, or 96."""


def _place(code: str) -> str:
    if code not in STATES and code != OTHER_COUNTRY:
        raise ValueError("is no code of a state of India, nor 96 for abroad")
    return code


PlaceCode = Annotated[StateCode, AfterValidator(_place)]
"""A state code in a request."""


def state_of(gstin: str) -> str:
    """The code of the state of a registration."""
    return gstin[:2]


def state_named(region: str | None, country: str | None) -> str | None:
    """The code of the state that an address names; 96 abroad, None if the address does not say or nobody can tell."""
    if country is not None and country != "IN":
        return OTHER_COUNTRY
    if not region:
        return None
    name = _folded(region)
    return _BY_NAME.get(name) or _ISO_3166_2.get(name.upper().removeprefix("IN-"))


def states_in(address: str) -> set[str]:
    """The codes of the states that an address in free text names, each as a part between commas or line breaks, with
    or without a PIN code: a street or a city with the name of a state among other words is none."""
    parts = (_PIN_CODE.sub("", part.strip(" .")).strip(" -–") for part in _PARTS.split(address))
    return {code for part in parts if (code := _BY_NAME.get(_folded(part)))}


def _folded(name: str) -> str:
    """A name of a state as it is compared."""
    plain = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    return " ".join(plain.split())


_BY_NAME = {**{_folded(name): code for code, name in STATES.items()}, **_FORMER_NAMES}
