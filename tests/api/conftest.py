"""Fixtures of the tests of operations."""

from __future__ import annotations

import pytest

from local.stack.stack import Stack
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.visits import set_clinic


@pytest.fixture(scope="module")
def drafting(stack: Stack) -> TestClinic:
    """A clinic for all tests of a file, whose desk issues the bills."""
    clinic = clinic_with_profile(stack)
    set_clinic(clinic, bill_issue="by_desk")
    return clinic
