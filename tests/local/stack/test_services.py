"""Start, variables, idle state and stop of all services of a stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import pytest

from local.services.kit.recorder import Recorder
from local.services.kit.service import LocalService, Options, Preloaded, ServiceContext
from local.stack.services import SERVICES, Services
from tests.support.toy_functions import toy_catalogue


class Mail(LocalService):
    """A service that records the stack's calls in `log`."""

    name = "mail"
    log: ClassVar[list[str]] = []
    fails: ClassVar[bool] = False
    busy: ClassVar[bool] = False

    def start(self) -> None:
        self.log.append(f"start {self.name}")
        if self.fails:
            raise RuntimeError("no port")

    def connect(self) -> None:
        self.log.append(f"connect {self.name}")

    def variables(self, function: str = "") -> Mapping[str, str]:
        return {f"{self.name.upper()}_ENDPOINT": function or "operator"}

    def idle(self) -> bool:
        return not self.busy

    def stop(self) -> None:
        self.log.append(f"stop {self.name}")


class Texts(Mail):
    name = "texts"


class Broken(Mail):
    name = "broken"
    fails = True


class Busy(Mail):
    name = "busy"
    busy = True


class SameVariable(Mail):
    pass


@pytest.fixture
def log() -> Iterator[list[str]]:
    yield Mail.log
    Mail.log.clear()


@pytest.fixture
def context(tmp_path: Path) -> ServiceContext:
    return ServiceContext(
        state=tmp_path,
        catalogue=toy_catalogue(),
        recorder=Recorder(),
        names={},
        url="http://127.0.0.1:1",
        mount=lambda _prefixes, _app: None,
        stage=lambda name: tmp_path / name,
        preloaded=lambda: Preloaded(tmp_path, []),
        environment=lambda _name: {},
        died=lambda _name, _code: None,
        options=Options(),
        public_url="http://127.0.0.1:1",
    )


def test_services_start_in_order_and_stop_in_reverse_order(context: ServiceContext, log: list[str]) -> None:
    services = Services(context, [Mail, Texts])

    with ExitStack() as running:
        services.start(running)
        services.connect()

    assert log == ["start mail", "start texts", "connect mail", "connect texts", "stop texts", "stop mail"]


def test_a_service_that_fails_to_start_stops_with_those_before_it(context: ServiceContext, log: list[str]) -> None:
    services = Services(context, [Mail, Broken, Texts])

    with pytest.raises(RuntimeError, match="no port"), ExitStack() as running:
        services.start(running)

    assert log == ["start mail", "start broken", "stop broken", "stop mail"]


def test_the_variables_are_the_union(context: ServiceContext) -> None:
    services = Services(context, [Mail, Texts])

    assert services.variables() == {"MAIL_ENDPOINT": "operator", "TEXTS_ENDPOINT": "operator"}
    assert services.variables("bills") == {"MAIL_ENDPOINT": "bills", "TEXTS_ENDPOINT": "bills"}


def test_a_variable_of_two_services_is_an_error(context: ServiceContext) -> None:
    with pytest.raises(ValueError, match="MAIL_ENDPOINT"):
        Services(context, [Mail, SameVariable]).variables()


def test_one_busy_service_makes_the_stack_busy(context: ServiceContext) -> None:
    assert Services(context, [Mail, Texts]).idle()
    assert not Services(context, [Busy]).idle()


def test_a_service_is_found_by_its_class(context: ServiceContext) -> None:
    Services(context, [Mail, Texts])

    assert isinstance(context.service(Texts), Texts)
    with pytest.raises(KeyError):
        context.service(Broken)


def test_the_names_of_all_services_are_unique() -> None:
    assert len({service.name for service in SERVICES}) == len(SERVICES)
