"""The samples of generated cases, and the seed that chooses them."""

from __future__ import annotations

import pytest

from tests.support import thorough
from tests.support.thorough import sample


@pytest.fixture
def _sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", False)


@pytest.mark.usefixtures("_sampling")
@pytest.mark.parametrize(("cases", "size"), [(7, 2), (17, 2), (8, 2), (5, 4), (2, 2), (1, 2)])
def test_consecutive_seeds_choose_every_case(cases: int, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = -(-cases // size)
    chosen = []
    for seed in range(739_947, 739_947 + seeds):
        monkeypatch.setattr(thorough, "SEED", seed)
        chosen.append(sample(range(cases), size))

    assert {len(set(part)) for part in chosen} == {min(cases, size)}
    assert {case for part in chosen for case in part} == set(range(cases))


def test_thorough_takes_all_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thorough, "THOROUGH", True)

    assert sample(range(17), 2) == list(range(17))
