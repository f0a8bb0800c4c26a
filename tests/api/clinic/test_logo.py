"""The clinic's logo: printed where the doctor has none, and on what is issued from then on only."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from pypdf import PdfReader

from tests.api.billing.helpers import draft, issued
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import Reply
from tests.support.clinic_settings import LOGO, PATH, picture, put_logo
from tests.support.clinics import TestClinic


def printed(clinic: TestClinic, bill: Reply) -> bytes:
    return clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok().content


def has_picture(pdf: bytes) -> bool:
    return bool(PdfReader(BytesIO(pdf)).pages[0].images)


def test_a_logo_is_printed_on_what_is_issued_from_then_on(own_clinic: TestClinic, other_clinic: TestClinic) -> None:
    own_clinic.doctor.get(LOGO).refused(404, "not-found")
    earlier, etag = issued(own_clinic), own_clinic.admin.get(PATH).etag
    before = printed(own_clinic, earlier)
    put_logo(own_clinic.receptionist, picture("teal"), etag).refused(403, "forbidden")
    put_logo(own_clinic.admin, b"\x89PNG\r\n\x1a\nno picture", etag).refused(422, "invalid")

    written = put_logo(own_clinic.admin, picture("teal"), etag).ok()

    shown = own_clinic.receptionist.get(LOGO).ok()
    assert (shown.headers["Content-Type"], shown.etag) == ("image/png", written.etag)
    assert Image.open(BytesIO(shown.content)).size == (600, 300)
    other_clinic.admin.get(LOGO).refused(404, "not-found")
    teal = issued(own_clinic)
    with_teal = printed(own_clinic, teal)
    assert (has_picture(before), has_picture(with_teal)) == (False, True)
    put_logo(own_clinic.admin, picture("teal"), etag).refused(412, "stale")
    again = put_logo(own_clinic.admin, picture("teal"), written.etag).ok()
    assert again.etag == written.etag, "the same picture changes nothing"
    red = put_logo(own_clinic.admin, picture("red"), written.etag).ok()
    own_clinic.admin.delete(LOGO, etag=red.etag).ok(204)
    own_clinic.admin.delete(LOGO, etag=own_clinic.admin.get(PATH).etag).refused(404, "not-found")
    assert not has_picture(printed(own_clinic, issued(own_clinic)))
    assert (printed(own_clinic, earlier), printed(own_clinic, teal)) == (before, with_teal)
    logos = [one["before"]["logo_sha256"] for one in own_clinic.admin.get(f"{PATH}/versions").ok().body["items"]]
    assert logos == [red.body["logo_sha256"], written.body["logo_sha256"], None]


def test_call_counts(own_clinic: TestClinic) -> None:
    bill = draft(own_clinic).ok(201)

    def read() -> None:
        own_clinic.receptionist.get(f"/bills/{bill.body['id']}/pdf").ok()

    plain = calls_when_repeated(own_clinic, "bills", read)
    put_logo(own_clinic.admin, picture("teal"), own_clinic.admin.get(PATH).etag).ok()
    with_logo = calls_when_repeated(own_clinic, "bills", read)
    shown = calls_when_repeated(own_clinic, "clinic", lambda: own_clinic.doctor.get(LOGO).ok())

    assert with_logo == [*plain[:-1], reads(1), plain[-1]], "the logo, once it is known that there is one"
    assert shown == [reads(2), reads(1), commit(1)]
