"""Settings of a clinic in tests."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import Image

from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic

PATH = "/clinic"
LOGO = f"{PATH}/logo"
OTHER_PREFIXES = {"invoice": "BAN", "bill_of_supply": "BSU", "credit_note": "CRN", "receipt": "RCT"}


def change(clinic: TestClinic, /, **changes: Any) -> Reply:
    """The answer to a change by the admin of the settings as they are now."""
    return clinic.admin.send("PATCH", PATH, changes, etag=clinic.admin.get(PATH).etag)


def refused(clinic: TestClinic, status: int, problem: str, /, **changes: Any) -> dict[str, str]:
    """What a refused change names, by pointer."""
    body = change(clinic, **changes).refused(status, problem).body
    return {one["pointer"]: one["detail"] for one in body["errors"]}


def picture(colour: str) -> bytes:
    """A PNG of twice the stored width and height."""
    content = BytesIO()
    Image.new("RGB", (1200, 600), colour).save(content, "PNG")
    return content.getvalue()


def put_logo(person: ApiClient, content: bytes, etag: str) -> Reply:
    return person.put(LOGO, content, etag=etag, **{"Content-Type": "image/png"})
