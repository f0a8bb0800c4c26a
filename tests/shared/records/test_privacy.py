"""Privacy marks: every stored field has a mark, and no plain field can hold free text."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from infra.record_types import record_types
from shared.records.privacy import Clinical, Encrypted, Plain, Searchable, fields_of
from shared.records.record import Detailed, Record, Value
from shared.records.text import ShortText, Text
from shared.records.types import Code, Id
from shared.web.serialization import hidden, shown
from tests.support.factories import bill, patient, report, session, transcription

FREE_TEXT = ["Asha Rao", "she sleeps badly", "Poor sleep, low mood.", "मीरा", "a\nb", "x@y.example", "x" * 2_000]
READABLE = (bool, int, float, Decimal, date, datetime, AwareDatetime, Enum)


RECORDS = record_types()
KINDS = {
    "Appointment",
    "AppointmentSeries",
    "AuthoredReport",
    "Bill",
    "BillShare",
    "BookDay",
    "BookedDay",
    "BouncedAddress",
    "CalendarFeed",
    "ChartDecisions",
    "ClinicCertificates",
    "ClinicLogo",
    "ClinicSettings",
    "ContactChoices",
    "Cosignature",
    "Devices",
    "Disclosure",
    "DoctorSchedule",
    "Export",
    "IssuedBill",
    "IssuedVoucher",
    "LedgerEntry",
    "Link",
    "LiveAudio",
    "LivePiece",
    "OnlinePayment",
    "OwnCalendar",
    "Patient",
    "PatientConsents",
    "PatientMessage",
    "PaymentProvider",
    "PaymentReminderPolicy",
    "PaymentReference",
    "Receivables",
    "Recording",
    "ReminderPolicy",
    "Report",
    "ReportAddenda",
    "ReportContent",
    "ReportNotice",
    "ReportTemplate",
    "RunningSession",
    "Session",
    "SignedPdf",
    "SettingsVersion",
    "SignedReport",
    "StaffMessage",
    "StyleExamples",
    "TemplateVersion",
    "TranscriptHistory",
    "TranscriptPart",
    "Transcription",
    "User",
    "UserProfile",
    "Version",
    "WaitingEntry",
}


def free_text_in(annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[str]:
    """All locations in a type that accept free text."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        yield from free_text_in(arguments[0], (*metadata, *arguments[1:]))
    elif origin in (typing.Union, types.UnionType, list, tuple, set, frozenset, dict):
        for argument in arguments:
            yield from free_text_in(argument, metadata if origin in (typing.Union, types.UnionType) else ())
    elif origin is Literal or annotation in (type(None), ...):
        return
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from (f"{name}: {place}" for place in free_text_in(field.annotation, tuple(field.metadata)))
    elif isinstance(annotation, type) and issubclass(annotation, READABLE):
        return
    elif annotation is not str or any(accepts(metadata, text) for text in FREE_TEXT):
        yield getattr(annotation, "__name__", str(annotation))


def accepts(metadata: tuple[Any, ...], text: str) -> bool:
    try:
        TypeAdapter(Annotated[(str, *metadata)] if metadata else str).validate_python(text)
    except ValidationError:
        return False
    return True


def test_the_records_are_found() -> None:
    found = {one.__name__ for one in RECORDS}

    assert {"Patient", "Session", "Transcription", "TranscriptPart", "Report", "ReportContent", "Bill"} <= found


@pytest.mark.parametrize("model", RECORDS)
def test_every_field_is_marked_encrypted_or_plain(model: type[Record]) -> None:
    marks = fields_of(model)

    assert marks.encrypted | marks.plain == set(model.model_fields)
    assert not marks.encrypted & marks.plain


@pytest.mark.parametrize("model", RECORDS)
def test_no_plain_field_can_hold_free_text(model: type[Record]) -> None:
    fields = {name: model.model_fields[name] for name in fields_of(model).plain}

    places = {name: list(free_text_in(field.annotation, tuple(field.metadata))) for name, field in fields.items()}

    assert {name: found for name, found in places.items() if found} == {}


@pytest.mark.parametrize("model", RECORDS)
def test_what_is_clinical_or_searched_for_is_encrypted(model: type[Record]) -> None:
    marks = fields_of(model)

    assert marks.clinical <= marks.encrypted
    assert {field for field, _ in marks.searchable} <= marks.encrypted


class Mood(StrEnum):
    LOW = "low"


class Inner(Value):
    code: Code
    remark: ShortText


class Harmless(Value):
    code: Code
    moods: dict[Id, list[Mood]]


@pytest.mark.parametrize(
    "annotation",
    [
        str,
        Text,
        ShortText | None,
        list[str],
        dict[str, int],
        Inner,
        list[Inner] | None,
        Annotated[str, StringConstraints(max_length=20)],
        Annotated[str, Field(pattern=r"sleep|^[A-Z]$")],
        Any,
        object,
        bytes,
        dict,
    ],
)
def test_the_search_for_free_text_finds_it_wherever_it_hides(annotation: Any) -> None:
    assert list(free_text_in(annotation))


@pytest.mark.parametrize(
    "annotation", [int, Id, Code | None, list[Code], Mood, Literal["a"], datetime | None, Harmless, list[Harmless]]
)
def test_the_search_for_free_text_passes_what_cannot_hold_any(annotation: Any) -> None:
    assert list(free_text_in(annotation)) == []


def test_every_record_type_is_found_and_has_a_kind_of_its_own() -> None:
    assert [model.kind for model in RECORDS] == sorted(KINDS)
    assert all("kind" in vars(model) for model in RECORDS)


def test_an_unmarked_field_is_an_error() -> None:
    class Careless(Record):
        collection: ClassVar[str] = "careless"
        nickname: str

    with pytest.raises(TypeError, match=r"Careless\.nickname"):
        fields_of(Careless)


def test_a_field_cannot_be_both() -> None:
    class Undecided(Record):
        collection: ClassVar[str] = "undecided"
        name: Plain[Encrypted[str]]

    with pytest.raises(TypeError, match=r"Undecided\.name"):
        fields_of(Undecided)


def test_marks_of_all_kinds_are_read_from_one_field() -> None:
    class Marked(Record):
        collection: ClassVar[str] = "marked"
        notes: Clinical[Annotated[Encrypted[str], Searchable("tag")]]

    marks = fields_of(Marked)

    assert "notes" in marks.encrypted & marks.clinical
    assert marks.searchable == (("notes", "tag"),)


@pytest.mark.parametrize("clinical", [True, False])
@pytest.mark.parametrize("model", RECORDS)
def test_a_view_never_has_bookkeeping_and_clinical_fields_only_for_clinicians(
    model: type[Record], clinical: bool
) -> None:
    marks = fields_of(model)

    assert {"record_key", "live"} <= marks.internal <= hidden(model, clinical)
    assert (marks.clinical <= hidden(model, clinical)) if not clinical else not marks.clinical & hidden(model, clinical)


def test_a_receptionist_sees_demographics_and_not_a_byte_of_clinical_content() -> None:
    one = patient(notes="Panic attacks", allergies=["Penicillin"], blood_group="O+", primary_phone="+919845012345")

    desk, doctor = shown(one, clinical=False), shown(one, clinical=True)

    assert desk["primary_phone"] == doctor["primary_phone"] == "+919845012345"
    assert doctor["notes"] == "Panic attacks"
    assert set(doctor) - set(desk) == {
        "blood_group", "allergies", "medical_history", "current_medications", "diagnoses", "notes",
        "clinical_tags",
    }  # fmt: skip
    assert "record_key" not in doctor


def test_a_receptionist_sees_a_bill_without_its_diagnosis() -> None:
    made = bill().model_copy(update={"primary_diagnosis_code": "F41.1"})

    desk, doctor = shown(made, clinical=False), shown(made, clinical=True)

    assert "primary_diagnosis_code" not in desk
    assert doctor["primary_diagnosis_code"] == "F41.1"
    assert desk["outstanding_amount"] == desk["total_amount"]


def test_what_is_shown_with_a_record_has_the_records_view() -> None:
    class Extra(Value):
        age: int

    both = shown(Detailed(patient(notes="Panic attacks"), Extra(age=42)), clinical=False)

    assert both["age"] == 42
    assert "notes" not in both
    assert "record_key" not in both


@pytest.mark.parametrize(
    "one", [patient(), session(), transcription(), report(), bill()], ids=lambda one: type(one).__name__
)
def test_every_answer_of_a_record_is_json_without_internal_names(one: Record) -> None:
    assert not set(shown(one, clinical=True)) & fields_of(type(one)).internal
