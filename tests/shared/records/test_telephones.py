"""Telephone numbers as people write and copy them."""

from __future__ import annotations

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.records import phone_fields, telephones
from shared.records.telephones import UnusualError, dialled, readings, settled
from tests.shared.records.test_types import SHAPES

INDIA = "IN"
DELHI = "+911123456789"
MOBILE = "+919845012345"


@pytest.mark.parametrize(
    "written",
    [
        "+919845012345",
        " +91 98450 12345 ",
        "+91\u00a098450\u202f12345",  # no-break spaces
        "+91 98450\u201112345",  # a no-break hyphen
        "+91\u221298450\u221212345",  # minus signs
        "\u202a+91 98450 12345\u202c",
        "\u2066+91-98450-12345\u2069",
        "+91 98450\u00ad12345",
        "+91 98450/12345",
        "+91.98450.12345",
        "(+91) 98450 12345",
        "\uff0b\uff19\uff11\uff0d\uff19\uff18\uff14\uff15\uff10\uff0d\uff11\uff12\uff13\uff14\uff15",  # full width
        "+९१ ९८४५० १२३४५",
        "+٩١ ٩٨٤٥٠ ١٢٣٤٥",
        "٩١٩٨٤٥٠١٢٣٤٥+",  # right to left: the + is read first and stored last
        "tel:+91-98450-12345",
        "\u200eTEL: +91 98450 12345",
        "0091 98450 12345",
        "+00 91 98450 12345",
        "011 91 98450 12345",
        "91 98450 12345",
        "098450 12345",
        "98450 12345",
        "98450\t12345",
    ],
)
def test_a_number_is_read_however_it_is_written_and_copied(written: str) -> None:
    assert settled(dialled(written), INDIA, insisted=False) == telephones.Telephone(MOBILE, True, True)


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("011 2345 6789", "IN", DELHI),  # 011 is an area code there
        ("011 91 11 2345 6789", "US", DELHI),
        ("0091 11 2345 6789", "US", DELHI),
        ("+44 (0)20 7946 0958", "IN", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+39 06 6982", None, "+39066982"),
        ("0039 06 6982", None, "+39066982"),
        ("+800 1234 5678", None, "+80012345678"),
    ],
)
def test_a_number_is_that_of_the_clinics_country_unless_it_names_another(
    written: str, country: str | None, kept: str
) -> None:
    assert settled(dialled(written), country, insisted=False).e164 == kept


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("+91 98450 12345 ext 7", "extension"),
        ("+91 98450 12345 extn. 7", "extension"),
        ("+91-98450-12345;ext=7", "extension"),
        ("98450 12345 x7", "extension"),
        ("98450 12345,7", "extension"),
        ("98450 12345#7", "extension"),
        ("1-800-DOCTOR", "in digits"),
        ("+91 98450 12345 +91 98450 54321", "one number"),
        ("++919845012345", "one number"),
        ("12345", "+91 98123 45678"),
        ("+", "+91 98123 45678"),
        ("+()", "+91 98123 45678"),
        ("", "+91 98123 45678"),
        ("98450 12345 / 98450 54321 / 1", "+91 98123 45678"),
    ],
)
def test_what_is_no_single_number_is_refused_with_advice(wrong: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice.replace("+", r"\+")):
        dialled(wrong)


def test_a_number_without_a_country_code_needs_a_country() -> None:
    with pytest.raises(ValueError, match="country code"):
        settled(dialled("98450 12345"), None, insisted=False)


@pytest.mark.parametrize("newer", ["+1 729 234 5678", "+1 555 000 1234", "+1 200 234 5678"])
def test_a_number_of_the_right_length_that_no_plan_has_is_taken_and_marked(newer: str) -> None:
    found = settled(dialled(newer), INDIA, insisted=False)

    assert (found.e164, found.known) == (newer.replace(" ", ""), False)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+91 98450 1234", "+91984501234"),  # a digit short
        ("98450 123456", "+9198450123456"),  # a digit long
        ("+1 555 0100", "+15550100"),
        ("+999 123 456 789", "+999123456789"),  # no country of the tables
    ],
)
def test_a_number_that_seems_mistyped_is_refused_unless_the_client_insists(written: str, kept: str) -> None:
    with pytest.raises(UnusualError):
        settled(dialled(written), INDIA, insisted=False)

    found = settled(dialled(written), INDIA, insisted=True)

    assert (found.e164, found.known) == (kept, False)


def test_nobody_can_insist_on_what_e164_cannot_write() -> None:
    for signs in ("+0123456789", "+12345678901234567"):
        with pytest.raises(ValueError, match=r"code|number"):
            settled(signs, INDIA, insisted=True)


def test_a_field_is_told_how_to_insist_only_where_it_can() -> None:
    _, (with_way,) = phone_fields.settled("+91984501234", INDIA, "/phone", how=phone_fields.INSISTING)
    _, (without,) = phone_fields.settled("+91984501234", INDIA, "/recipient/phone")

    assert (with_way.pointer, without.pointer) == ("/phone", "/recipient/phone")
    assert '"phone_unverified": true' in with_way.detail
    assert "if it is right" not in without.detail


SEPARATORS = st.text(st.sampled_from(" -./()\u00a0\u2011\u2013\u2212\u200e\u2066\u2069\u00ad"), max_size=2)
ZEROS = st.sampled_from([chr(code) for code in range(0x10000) if unicodedata.decimal(chr(code), None) == 0])
"""The zero of each set of digits; the others follow it."""


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)), st.data())
def test_an_example_of_every_country_is_read_in_any_digits_with_any_separators(
    region: str, data: st.DataObject
) -> None:
    number = phonenumbers.example_number(region)
    assert number is not None
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    zero = data.draw(ZEROS)
    digits = "".join(f"{chr(ord(zero) + int(digit))}{data.draw(SEPARATORS)}" for digit in kept[1:])

    assert settled(dialled(f"+{digits}"), data.draw(st.sampled_from([None, "IN", "US"])), insisted=False).e164 == kept


@given(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_a_number_as_its_country_writes_it_is_that_number_at_a_clinic_there(region: str) -> None:
    mobile = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    number = mobile or phonenumbers.example_number(region)  # Tristan da Cunha has no mobiles
    assert number is not None
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    if sum(map(str.isdigit, national)) < 6:
        return  # too short without a country code

    found = settled(dialled(national), region, insisted=False)

    assert found.e164 == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(SHAPES, st.sampled_from([None, "IN", "US", "DE"]))
def test_what_is_read_is_read_the_same_again(text: str, country: str | None) -> None:
    try:
        found = settled(dialled(text), country, insisted=True)
    except ValueError:
        return

    assert found == readings(found.e164, country)[0] == settled(dialled(found.e164), None, insisted=True)


def test_the_country_of_a_number_is_none_for_freephone_of_no_country() -> None:
    assert [telephones.country_of(one) for one in (MOBILE, "+442079460958", "+80012345678", "+999123456789")] == [
        "IN",
        "GB",
        None,
        None,
    ]
