"""Valid shares and links for examples and tests, as `factories` makes other records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.records.links.link import Link, Opening
from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.records.messages.kinds import Channel
from shared.records.record import Stamp
from shared.records.reports.disclosure import Disclosure
from shared.records.reports.report import Report
from shared.records.reports.sharing import RecipientKind, SharePurpose

SUFFIX = "s4hk7q2m9x"
"""The end of the id of the share."""


def link(of: Report, stamp: Stamp, **values: Any) -> Link:
    """A link for the patient, valid for a week and opened once."""
    defaults = {
        "purpose": LinkPurpose.REPORT,
        "subject_id": f"{of.id}-{SUFFIX}",
        "patient_id": of.patient_id,
        "passcode_kind": PasscodeKind.DATE_OF_BIRTH,
        "opens_until": stamp.at + timedelta(days=7),
        "most_openings": 10,
        "openings": [Opening(at=stamp.at + timedelta(minutes=5), address="203.0.113.7")],
    }
    return Link.new(values.pop("id", "9b1f03c2a7d84e5f6a7b8c9d"), stamp, **{**defaults, **values})


def disclosure(of: Report, by: Link, stamp: Stamp, **values: Any) -> Disclosure:
    """The share with the patient by mail, for which the link was made."""
    defaults = {
        "report_id": of.id,
        "link_id": by.id,
        "recipient_kind": RecipientKind.PATIENT,
        "recipient_address": "asha@home.example",
        "channel": Channel.MAIL,
        "purpose": SharePurpose.PATIENT_REQUEST,
        "passcode": by.passcode_kind,
    }
    return Disclosure.new(by.subject_id, stamp, **{**defaults, **values})
