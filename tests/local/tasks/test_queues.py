"""Queues: pause, purge, limits, settings and lists."""

from __future__ import annotations

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from tests.local.tasks.stack import LOCATION, OTHER, REPORTS, Stack, ahead, until
from tests.local.tasks.worker import HANG


def test_a_paused_queue_keeps_its_tasks_until_it_is_resumed(stack: Stack) -> None:
    assert stack.client.pause_queue(name=REPORTS).state.name == "PAUSED"
    task = stack.create()
    stack.until_other_queue_dispatched()
    until(stack.endpoint.idle)
    assert [kept.name for kept in stack.endpoint.pending()] == [task.name]
    assert stack.worker.received.empty()
    assert stack.client.resume_queue(name=REPORTS).state.name == "RUNNING"
    assert stack.worker.next().headers["X-CloudTasks-TaskName"] == task.name.rpartition("/")[2]


def test_a_purge_empties_one_queue_only(stack: Stack) -> None:
    stack.create("r1-1", schedule_time=ahead(60))
    kept = stack.create(parent=OTHER, schedule_time=ahead(60))
    assert stack.client.purge_queue(name=REPORTS).purge_time
    assert [task.name for task in stack.endpoint.pending()] == [kept.name]
    with pytest.raises(exceptions.AlreadyExists):
        stack.create("r1-1")


def test_run_task_ignores_the_schedule_time_and_a_pause(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    task = stack.create(schedule_time=ahead(600))
    assert stack.client.run_task(name=task.name).dispatch_count == 1
    stack.worker.next()
    stack.until_done()
    with pytest.raises(exceptions.NotFound):
        stack.client.run_task(name=task.name)


def test_a_deleted_task_is_not_sent(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    stack.client.delete_task(name=stack.create().name)
    stack.client.resume_queue(name=REPORTS)
    stack.until_other_queue_dispatched()
    stack.until_done()
    assert stack.worker.received.empty()


def test_a_queue_respects_its_concurrency_limit(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/narrow"
    stack.create_queue(queue_name, limits={"max_concurrent_dispatches": 1})
    stack.worker.answers(HANG)
    stack.create(path="/first", parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.create(path="/second", parent=queue_name)
    stack.until_other_queue_dispatched()
    assert stack.worker.received.empty()


def test_a_queue_respects_its_rate_limit(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 4})
    for number in range(8):
        stack.create(path=f"/{number}", parent=queue_name)
    times = [stack.worker.next().at for _ in range(8)]
    assert times[3] - times[0] < 0.75, "the burst is one second's rate: four tasks at once"
    assert times[7] - times[0] > 0.75, "the later tasks wait for the rate"


def test_a_rate_below_one_per_second_still_dispatches_tasks(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 0.5})
    stack.create(path="/first", parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.create(path="/second", parent=queue_name)
    assert stack.worker.next().path == "/second"


def test_a_rate_limited_queue_is_not_idle_and_does_not_delay_other_queues(stack: Stack) -> None:
    queue_name = f"{LOCATION}/queues/slow"
    stack.create_queue(queue_name, limits={"max_dispatches_per_second": 0.1})
    for path in ["/first", "/second"]:
        stack.create(path=path, parent=queue_name)
    assert stack.worker.next().path == "/first"
    stack.until_other_queue_dispatched()
    assert not stack.endpoint.idle()


def test_an_update_replaces_the_whole_queue_and_keeps_it_paused(stack: Stack) -> None:
    stack.client.pause_queue(name=REPORTS)
    changed = tasks_v2.Queue(
        name=REPORTS, retry_config={"max_attempts": 2}, rate_limits={"max_concurrent_dispatches": 3}
    )
    fresh = tasks_v2.Queue(name=f"{LOCATION}/queues/fresh", rate_limits={"max_dispatches_per_second": 7})
    for queue in (changed, fresh):
        stack.client.update_queue(queue=queue)
    kept = stack.client.get_queue(name=REPORTS)
    assert (kept.retry_config.max_attempts, kept.rate_limits.max_concurrent_dispatches) == (2, 3)
    assert kept.state.name == "PAUSED"
    assert stack.client.get_queue(name=fresh.name).rate_limits.max_dispatches_per_second == 7
    assert [kept.name.rpartition("/")[2] for kept in stack.endpoint.queues()] == ["fresh", "other", "reports"]
    with pytest.raises(exceptions.MethodNotImplemented):
        stack.client.update_queue(queue=changed, update_mask={"paths": ["retry_config"]})


def test_lists_are_paged_and_only_the_full_view_has_bodies(stack: Stack) -> None:
    created = {stack.create(f"r{number}", schedule_time=ahead(60)).name for number in range(5)}
    stack.create(parent=OTHER, schedule_time=ahead(60))
    listed = list(stack.client.list_tasks(request={"parent": REPORTS, "page_size": 2}))
    assert len(listed) == 5
    assert {task.name for task in listed} == created
    assert {task.http_request.body for task in listed} == {b""}
    full = stack.client.get_task(request={"name": listed[0].name, "response_view": tasks_v2.Task.View.FULL})
    assert full.http_request.body == b'{"report_id":"r1"}'


def test_a_queue_has_the_defaults_of_cloud_tasks_and_is_created_once(stack: Stack) -> None:
    name = f"{LOCATION}/queues/plain"
    stack.client.create_queue(request={"parent": LOCATION, "queue": {"name": name}})
    retry = stack.client.get_queue(name=name).retry_config
    assert (retry.max_attempts, retry.max_doublings) == (100, 16)
    assert (retry.min_backoff.total_seconds(), retry.max_backoff.total_seconds()) == (0.1, 3600)
    limits = stack.client.get_queue(name=name).rate_limits
    assert (limits.max_dispatches_per_second, limits.max_concurrent_dispatches) == (500, 1000)
    with pytest.raises(exceptions.AlreadyExists):
        stack.client.create_queue(request={"parent": LOCATION, "queue": {"name": name}})


def test_the_endpoint_is_busy_during_an_attempt_and_idle_with_a_scheduled_task(stack: Stack) -> None:
    stack.create(schedule_time=ahead(60))
    assert stack.endpoint.idle()
    stack.worker.answers(HANG)
    stack.create()
    stack.worker.next()
    assert not stack.endpoint.idle()
