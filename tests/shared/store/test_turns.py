"""Changes of one instance that count on one counter go on in the order they came, and never wait for each other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from threading import Thread

import pytest

from shared.store import turns
from shared.store.firestore import values
from shared.store.firestore.snapshot import Snapshot
from shared.store.turns import Turns

PATIENTS, BILLS = "counters/patients", "counters/invoices"
MISSING = Snapshot(f"clinics/aster/{PATIENTS}")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(turns, "_LINES", {})
    yield


def counter(count: int) -> Snapshot:
    """The counter after so many numbers; each has its own time."""
    fields = values.write_fields({"counts": {"2026": count}})
    return Snapshot(MISSING.path, {"fields": fields, "updateTime": f"2027-01-15T08:00:00.{count:06}Z"})


def count_of(snapshot: Snapshot) -> int:
    return int(snapshot.get("counts")["2026"])


def commit(own: Turns, read: Snapshot) -> Snapshot:
    """Count up by 1, as a unit of work that has read the counter."""
    before = own.wait(PATIENTS, read)
    after = counter(count_of(before) + 1 if before.exists else 1)
    own.committed(PATIENTS, before, after)
    own.end()
    return after


def so_many_wait(count: int) -> bool:
    return len(turns._LINES[f"aster/{PATIENTS}"]._waiting) == count


def until(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + 5
    while not happened() and time.monotonic() < ends:
        time.sleep(0.001)
    assert happened()


def test_everybody_comes_in_the_order_of_their_arrival() -> None:
    first, came = Turns("aster"), list[int]()
    first.wait(PATIENTS, counter(1))
    threads = []
    for number in range(8):

        def follow(number: int = number) -> None:
            own = Turns("aster")
            own.wait(PATIENTS, counter(1))
            came.append(number)
            own.end()

        threads.append(Thread(target=follow))
        threads[-1].start()
        until(partial(so_many_wait, number + 1))
    assert came == []

    first.end()

    for thread in threads:
        thread.join(5)
    assert came == list(range(8))


def test_who_comes_next_continues_with_the_counter_as_it_was_left() -> None:
    read_by_all = counter(1)

    left = [count_of(commit(Turns("aster"), read_by_all)) for _ in range(3)]

    assert left == [2, 3, 4]


def test_a_counter_that_others_have_changed_is_as_it_was_read() -> None:
    """Another instance counts, or the settings of the clinic require that nothing was counted: the commits of those who
    have read the counter before must fail."""
    early = counter(1)
    commit(Turns("aster"), early)
    elsewhere = counter(3)
    assert count_of(commit(Turns("aster"), elsewhere)) == 4

    late, fresh = Turns("aster"), Turns("aster")

    assert late.wait(PATIENTS, early) is early
    late.end()
    assert count_of(fresh.wait(PATIENTS, elsewhere)) == 4


def test_a_counter_that_is_not_there_is_never_one_that_was_left() -> None:
    commit(Turns("aster"), MISSING)
    commit(Turns("aster"), counter(1))

    own = Turns("aster")

    assert own.wait(PATIENTS, MISSING) is MISSING
    assert count_of(commit(own, MISSING)) == 1


def test_a_change_that_fails_leaves_the_counter_as_it_was() -> None:
    failing = Turns("aster")
    failing.wait(PATIENTS, counter(1))
    failing.end()

    assert count_of(commit(Turns("aster"), counter(1))) == 2


def test_counters_and_clinics_do_not_wait_for_each_other() -> None:
    holders = [Turns("aster"), Turns("banyan"), Turns("aster")]
    began = time.monotonic()

    for own, path in zip(holders, (PATIENTS, PATIENTS, BILLS), strict=True):
        own.wait(path, counter(1))

    assert time.monotonic() - began < turns.WAIT_SECONDS


def test_who_has_a_turn_waits_for_no_other_one() -> None:
    """An amendment takes an invoice and a credit note, another change the reverse."""
    one, other = Turns("aster"), Turns("aster")
    one.wait(PATIENTS, counter(1))
    other.wait(BILLS, counter(1))
    began = time.monotonic()

    assert count_of(one.wait(BILLS, counter(7))) == 7
    assert count_of(other.wait(PATIENTS, counter(7))) == 7

    assert time.monotonic() - began < turns.WAIT_SECONDS


def test_a_turn_that_does_not_come_in_time_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.05)
    stuck, impatient, patient = Turns("aster"), Turns("aster"), Turns("aster")
    stuck.wait(PATIENTS, counter(1))

    assert count_of(impatient.wait(PATIENTS, counter(5))) == 5
    impatient.committed(PATIENTS, counter(5), counter(6))
    impatient.end()
    stuck.end()

    assert count_of(patient.wait(PATIENTS, counter(5))) == 5, "nobody has left the counter"
    patient.end()
    assert turns._LINES[f"aster/{PATIENTS}"]._waiting == deque()


def test_the_same_unit_of_work_has_its_turn_once() -> None:
    own = Turns("aster")
    own.wait(PATIENTS, counter(1))

    assert count_of(own.wait(PATIENTS, counter(1))) == 1
    own.end()
    own.end()
    assert not turns._LINES[f"aster/{PATIENTS}"]._taken


def test_only_the_lines_that_were_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_MOST_LINES", 2)
    waiting = Turns("aster")
    waiting.wait(PATIENTS, counter(1))

    for clinic in ("banyan", "cedar"):
        commit(Turns(clinic), counter(1))
    commit(Turns("aster"), counter(1))

    assert [*turns._LINES] == [f"cedar/{PATIENTS}", f"aster/{PATIENTS}"]
    waiting.committed(PATIENTS, counter(1), counter(2))
    waiting.end()
