"""Groups of variables: what an annotation accepts, and what is never shown."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.settings import Mail, Port, Web
from shared.variables import Secret, Settings, Variable, variables_of


class Relay(Settings):
    """A group with each kind of attribute."""

    host: str
    port: Port
    password: Secret
    seconds: Annotated[float, lambda seconds: seconds > 0] = 5
    region: str | None = None
    spare_port: Port | None = None


VARIABLES = variables_of(Relay)


def test_each_attribute_is_a_variable_that_is_required_without_a_default() -> None:
    assert {name: variable.is_required for name, variable in VARIABLES.items()} == {
        "HOST": True,
        "PORT": True,
        "PASSWORD": True,
        "SECONDS": False,
        "REGION": False,
        "SPARE_PORT": False,
    }


def test_an_annotation_says_of_what_kind_the_value_is() -> None:
    kinds = {name: variable.kind for name, variable in VARIABLES.items()}

    assert kinds == {"HOST": str, "PORT": int, "PASSWORD": Secret, "SECONDS": float, "REGION": str, "SPARE_PORT": int}


@given(st.integers())
def test_a_number_is_taken_within_its_bounds(number: int) -> None:
    for name in ("PORT", "SPARE_PORT"):
        assert VARIABLES[name].takes(str(number)) == (1 <= number <= 65535)


@pytest.mark.parametrize("text", ["", " ", "80.5", "port", "0x50", "80 81", "nan"])
def test_a_text_that_is_no_number_is_not_taken(text: str) -> None:
    assert not VARIABLES["PORT"].takes(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-0.1", "60.1", "1e400", ""])
def test_no_odd_float_is_a_number_of_seconds(text: str) -> None:
    assert not variables_of(Web)["ACCOUNT_CACHE_SECONDS"].takes(text)


@given(st.text())
def test_every_text_is_a_value_of_a_text(text: str) -> None:
    assert VARIABLES["REGION"].value_of(text) == text


def test_a_subgroup_has_the_variables_of_its_group() -> None:
    class Further(Relay):
        name: str

    added = variables_of(Further)

    assert added.keys() - VARIABLES.keys() == {"NAME"}
    assert added.keys() > VARIABLES.keys()
    assert added["NAME"] == Variable(str, (), is_required=True)


def test_a_value_stays() -> None:
    relay = Relay({"host": "relay.example", "port": 25})

    with pytest.raises(AttributeError, match="host"):
        relay.host = "evil.example"

    assert (relay.host, relay.port, relay.seconds, relay.region) == ("relay.example", 25, 5, None)


def test_a_secret_is_not_shown() -> None:
    secret = variables_of(Mail)["SMTP_PASSWORD"].value_of("hunter2")

    assert "hunter2" not in f"{secret} {secret!r} {Mail({'smtp_password': secret})!r}"
    assert secret.reveal() == "hunter2"
