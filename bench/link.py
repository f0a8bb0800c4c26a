"""Issues a link to a report and prints its path: `python -m bench.link CLINIC PATIENT REPORT`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from shared.records.links.passcode import PasscodeKind
from shared.records.links.purpose import LinkPurpose
from shared.store.clinic import system_clinic
from shared.workflows.links import issuing
from shared.workflows.links.issuing import NewLink


def main(clinic_id: str, patient_id: str, report_id: str) -> None:
    """Issue a link that is valid for a day."""
    terms = PasscodeKind.DATE_OF_BIRTH, datetime.now(UTC) + timedelta(days=1), 1
    new = NewLink(LinkPurpose.REPORT, report_id, patient_id, *terms)
    issued = system_clinic(clinic_id, "bench").perform("link.issue", lambda work: issuing.issue(work, new))
    print(urlsplit(issued.url).path)


if __name__ == "__main__":
    main(*sys.argv[1:])
