"""The file: equal parts give equal bytes."""

from __future__ import annotations

import zipfile
from datetime import UTC
from io import BytesIO
from typing import Any

from shared.render.blocks import PrintedReport
from shared.render.word.script import plain

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP file can have."""
_THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"


def describe(document: Any, report: PrintedReport) -> None:
    """The properties of the file. No text of them names the patient."""
    properties = document.core_properties
    at = report.at.astimezone(UTC).replace(tzinfo=None)
    properties.title = plain(report.full_title)[:255]
    properties.subject = plain(report.title)[:255]
    properties.author = plain(report.letterhead.clinic_name)[:255]
    properties.language = report.language
    properties.identifier = plain(report.reference)[:255]
    properties.created = properties.modified = at
    properties.last_modified_by = "SynapseAI"
    properties.comments = properties.keywords = ""
    properties.revision = 1


def content(document: Any) -> bytes:
    """The bytes of the file, whose members have the same date whenever it is written."""
    package = document.part.package
    for name, relation in list(package.rels.items()):
        if relation.reltype == _THUMBNAIL:  # a picture of python-docx's empty document
            del package.rels[name]
    written, output = BytesIO(), BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            information = zipfile.ZipInfo(member.filename, _EPOCH)
            information.compress_type = zipfile.ZIP_DEFLATED
            information.external_attr = 0o600 << 16
            target.writestr(information, source.read(member))
    return output.getvalue()
