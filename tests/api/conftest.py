"""Fixtures of the tests of operations."""

from __future__ import annotations

import pytest

from tests.support.clinics import TestClinic
from tests.support.visits import set_clinic


@pytest.fixture
def drafting(clinic: TestClinic) -> TestClinic:
    """A clinic whose desk issues the bills."""
    set_clinic(clinic, bill_issue="by_desk")
    return clinic
