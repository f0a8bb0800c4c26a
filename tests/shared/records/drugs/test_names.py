"""The one list of drugs."""

from __future__ import annotations

from shared.records.drugs.names import medicines, often_prescribed


def test_drugs_that_are_often_prescribed_are_in_the_list_once() -> None:
    names = often_prescribed()

    assert len(names) == len(set(names)) > 150
    assert [name for name in names if name not in medicines()] == []


def test_brands_and_spellings_of_other_scripts_are_their_medicine() -> None:
    assert {medicines()[name] for name in ("paracetamol", "crocin", "पैरासिटामोल", "பாராசிட்டமால்")} == {"acetaminophen"}
