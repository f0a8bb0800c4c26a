"""The caller's own profile and its logo: first write, changes with an ETag, and the logo's format and size."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader

from local.demo.people import PROFILE
from tests.support.call_counts import calls_during, calls_when_repeated, commit, reads
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import plant_report
from tests.support.problems import pointers

NEW = {"first_name": "Ravi", "last_name": "Menon"}
LOGO = "/profile/logo"
LARGEST_UPLOAD = 5_000_000


def picture(image_format: str, colour: str = "teal") -> bytes:
    """An image of twice the stored width and height."""
    content = BytesIO()
    Image.new("RGB", (1200, 600), colour).save(content, image_format)
    return content.getvalue()


def put_logo(user: ApiClient, content: bytes, media_type: str = "image/png", etag: str = '"1"') -> Reply:
    return user.put(LOGO, content, etag=etag, **{"Content-Type": media_type})


def test_each_user_has_a_separate_profile(own_clinic: TestClinic) -> None:
    for user in (own_clinic.other_doctor, own_clinic.receptionist, own_clinic.admin):
        user.get("/profile").refused(404, "not-found")
        user.put("/profile", {**NEW, "specialization": user.user_id}).ok()

    assert own_clinic.admin.get("/profile").ok().body["specialization"] == own_clinic.admin.user_id
    assert own_clinic.doctor.get("/profile").ok().body.items() >= PROFILE.items()


def test_first_write_stores_every_profile_field(own_clinic: TestClinic) -> None:
    profile = {
        **NEW,
        "email": "ravi@clinic.example",
        "phone": "+918041230000",
        "licence_number": "KMC 1",
        "specialization": "Psychologist",
        "organization": "Banyan",
        "clinic_name": "Banyan South",
        "clinic_address": "1 Hosur Road\nBengaluru",
        "time_zone": "Europe/Berlin",
        "language": "de-DE",
        "notifications": {"report_ready": False},
    }

    written = own_clinic.other_doctor.put("/profile", profile).ok()

    assert written.body.items() >= profile.items()
    assert own_clinic.other_doctor.get("/profile").ok().body == written.body
    assert written.etag == '"1"'


@pytest.mark.parametrize(
    ("etag", "status", "problem"),
    [("", 428, "precondition-required"), ('"2"', 412, "stale"), ("what", 400, "bad-request")],
)
def test_profile_change_requires_the_current_etag(clinic: TestClinic, etag: str, status: int, problem: str) -> None:
    clinic.doctor.put("/profile", {**PROFILE, "first_name": "M"}, etag=etag).refused(status, problem)

    assert clinic.doctor.get("/profile").ok().body["first_name"] == PROFILE["first_name"]


def test_profile_is_replaced_with_the_current_etag(own_clinic: TestClinic) -> None:
    replaced = own_clinic.doctor.put("/profile", NEW, etag='"1"').ok()

    assert replaced.etag == '"2"'
    assert replaced.body["licence_number"] is None


def test_profile_that_is_written_again_as_it_is_keeps_its_revision(own_clinic: TestClinic) -> None:
    again = own_clinic.doctor.put("/profile", PROFILE, etag='"1"').ok()

    assert again.etag == '"1"'


def test_first_profile_write_with_an_etag_is_stale(clinic: TestClinic) -> None:
    clinic.admin.put("/profile", NEW, etag='"1"').refused(412, "stale")

    clinic.admin.get("/profile").refused(404, "not-found")


def test_thirty_concurrent_writes_with_one_etag_apply_one(own_clinic: TestClinic) -> None:
    replies = at_once(30, lambda n: own_clinic.doctor.put("/profile", {**PROFILE, "first_name": f"M{n}"}, etag='"1"'))

    assert statuses(replies) == {200: 1, 412: 29}
    winner = next(reply for reply in replies if reply.status == 200)
    assert own_clinic.doctor.get("/profile").ok().body == winner.body


def test_ten_concurrent_first_writes_apply_one(own_clinic: TestClinic) -> None:
    replies = at_once(10, lambda _: own_clinic.other_doctor.put("/profile", NEW))

    assert statuses(replies) == {200: 1, 428: 9}


def test_invalid_profile_names_every_wrong_field(clinic: TestClinic) -> None:
    wrong = {
        "first_name": "",
        "email": "nobody",
        "logo": "iVBORw0KGgo=",
        "time_zone": "Asia/Atlantis",
        "notifications": {"sms": True},
        "roles": ["admin"],
    }

    refused = clinic.doctor.put("/profile", wrong, etag='"1"').refused(422, "invalid")

    assert pointers(refused) == {
        "/first_name",
        "/last_name",
        "/email",
        "/logo",
        "/time_zone",
        "/notifications/sms",
        "/roles",
    }


# The logo


@pytest.mark.parametrize(("image_format", "media_type"), [("PNG", "image/jpeg"), ("JPEG", "image/png")])
def test_logo_is_stored_as_a_scaled_png_whatever_its_media_type(
    own_clinic: TestClinic, image_format: str, media_type: str
) -> None:
    assert own_clinic.doctor.get("/profile").ok().body["has_logo"] is False

    # The media type of the request is ignored; the content determines the format.
    written = put_logo(own_clinic.doctor, picture(image_format), media_type).ok()

    shown = own_clinic.doctor.get(LOGO).ok()
    assert (written.body["has_logo"], written.etag) == (True, '"2"')
    assert own_clinic.doctor.get("/profile").ok().body == written.body
    assert (shown.headers["Content-Type"], shown.etag) == ("image/png", '"2"')
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(shown.content)).size == (600, 300)


def test_profile_responses_do_not_contain_the_logo(own_clinic: TestClinic) -> None:
    written = put_logo(own_clinic.doctor, picture("PNG")).ok()
    replaced = own_clinic.doctor.put("/profile", NEW, etag=written.etag).ok()

    answers = [written, own_clinic.doctor.get("/profile"), replaced]

    assert not any("logo" in reply.body for reply in answers)


def test_profile_write_keeps_the_logo_and_logo_write_the_profile(own_clinic: TestClinic) -> None:
    written = put_logo(own_clinic.doctor, picture("PNG")).ok()
    logo = own_clinic.doctor.get(LOGO).ok().content

    replaced = own_clinic.doctor.put("/profile", NEW, etag=written.etag).ok()

    assert written.body.items() >= PROFILE.items()
    assert replaced.body.items() >= (NEW | {"has_logo": True}).items()
    assert own_clinic.doctor.get(LOGO).ok().content == logo


def test_each_user_has_a_separate_logo(own_clinic: TestClinic) -> None:
    for user, colour in ((own_clinic.doctor, "teal"), (own_clinic.receptionist, "red")):
        etag = (user.get("/profile") if user is own_clinic.doctor else user.put("/profile", NEW)).ok().etag
        put_logo(user, picture("PNG", colour), etag=etag).ok()

    pixels = [
        Image.open(BytesIO(u.get(LOGO).ok().content)).getpixel((9, 9))
        for u in (own_clinic.doctor, own_clinic.receptionist)
    ]
    assert pixels == [(0, 128, 128), (255, 0, 0)]
    own_clinic.admin.get(LOGO).refused(404, "not-found")


def test_logo_is_deleted(own_clinic: TestClinic) -> None:
    written = put_logo(own_clinic.doctor, picture("PNG")).ok()

    deleted = own_clinic.doctor.delete(LOGO, etag=written.etag).ok(204)

    profile = own_clinic.doctor.get("/profile").ok()
    assert deleted.content == b""
    assert (profile.body["has_logo"], profile.etag) == (False, '"3"')
    own_clinic.doctor.get(LOGO).refused(404, "not-found")
    own_clinic.doctor.delete(LOGO, etag=profile.etag).refused(404, "not-found")


def test_logo_without_a_profile_is_not_found(clinic: TestClinic) -> None:
    clinic.admin.get(LOGO).refused(404, "not-found")
    put_logo(clinic.admin, picture("PNG")).refused(404, "not-found")
    clinic.admin.delete(LOGO, etag='"1"').refused(404, "not-found")


@pytest.mark.parametrize(
    ("etag", "status", "problem"),
    [("", 428, "precondition-required"), ('"2"', 412, "stale"), ("what", 400, "bad-request")],
)
def test_logo_change_requires_the_current_etag(clinic: TestClinic, etag: str, status: int, problem: str) -> None:
    put_logo(clinic.doctor, picture("PNG"), etag=etag).refused(status, problem)
    clinic.doctor.delete(LOGO, etag=etag).refused(status, problem)

    assert clinic.doctor.get("/profile").ok().body["has_logo"] is False


@pytest.mark.parametrize(
    ("content", "media_type", "status", "problem"),
    [
        (b"GIF89a", "image/png", 422, "invalid"),
        (picture("PNG")[:100], "image/png", 422, "invalid"),
        (b"", "image/png", 400, "bad-request"),
        (picture("GIF"), "image/gif", 415, "unsupported-media-type"),
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (picture("PNG").ljust(LARGEST_UPLOAD + 1), "image/png", 413, "too-large"),
    ],
    ids=["another format", "truncated", "empty", "unsupported media type", "JSON", "too large"],
)
def test_invalid_logo_is_refused(
    clinic: TestClinic, content: bytes, media_type: str, status: int, problem: str
) -> None:
    refused = put_logo(clinic.doctor, content, media_type).refused(status, problem)

    assert [error["pointer"] for error in refused.body.get("errors", [])] == ([""] if status == 422 else [])
    clinic.doctor.get(LOGO).refused(404, "not-found")


def test_logo_of_the_largest_size_is_accepted(own_clinic: TestClinic) -> None:
    put_logo(own_clinic.doctor, picture("PNG").ljust(LARGEST_UPLOAD)).ok()


def test_ten_concurrent_logo_writes_with_one_etag_apply_one(own_clinic: TestClinic) -> None:
    replies = at_once(10, lambda n: put_logo(own_clinic.doctor, picture("PNG", f"#0000{n:02}")))

    assert statuses(replies) == {200: 1, 412: 9}


def test_logo_is_printed_on_the_report(own_clinic: TestClinic) -> None:
    transparent = BytesIO()
    Image.effect_noise((600, 300), 200).convert("RGBA").save(transparent, "PNG")
    pictures = [picture("JPEG"), transparent.getvalue()]
    session = own_clinic.session().body["id"]
    path = f"/reports/{plant_report(own_clinic, session)}/pdf"
    assert image_count(own_clinic.doctor.get(path)) == 0

    for number, content in enumerate(pictures, start=1):
        put_logo(own_clinic.doctor, content, etag=f'"{number}"').ok()
        assert image_count(own_clinic.doctor.get(path)) == 1


def image_count(pdf: Reply) -> int:
    """The number of images on the first page."""
    return len(PdfReader(BytesIO(pdf.ok().content)).pages[0].images)


def test_call_counts_of_logo_requests(own_clinic: TestClinic) -> None:
    doctor, etags = own_clinic.doctor, iter(f'"{number}"' for number in range(1, 9))

    measured = {
        "write": calls_when_repeated(
            own_clinic, "profile", lambda: put_logo(doctor, picture("PNG"), etag=next(etags)).ok()
        ),
        "read": calls_when_repeated(own_clinic, "profile", lambda: doctor.get(LOGO).ok()),
        "delete": calls_during(own_clinic, "profile", lambda: doctor.delete(LOGO, etag=next(etags)).ok(204)),
    }

    assert measured == {
        "write": [reads(2), commit(2)],
        "read": [reads(2), commit(1)],
        "delete": [reads(2), commit(2)],
    }
