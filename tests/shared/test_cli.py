"""The operator's command: validation before anything is created."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.demo.seed import SETTINGS
from shared import cli
from shared.records.types import Role

ADDRESS = "head@clinic.example"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.json"
    file.write_text(json.dumps(SETTINGS))
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = cli.main(["open-clinic", *map(str, arguments)])
    return code, capsys.readouterr().err


def test_settings_as_the_demo_clinic_has_them_are_read(settings: Path) -> None:
    assert cli.read_settings(settings) == SETTINGS


def test_every_problem_of_the_settings_is_named(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {
        "name": "",
        "currency": "rupees",
        "live": False,
        "series_of_prefixes": {},
        "colour": "red",
        "fees": [{"session_type": "x"}],
    }
    settings.write_text(json.dumps(wrong))
    code, stderr = run(capsys, "aster", settings, "--admin", ADDRESS)
    assert code == 2
    for problem in (
        "name: ",
        "currency: ",
        "live: is not a setting",
        "series_of_prefixes: is not a setting",
        "colour: ",
        "fees.0.amount: ",
    ):
        assert problem in stderr


def test_the_rules_of_the_settings_count_too(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.write_text(json.dumps({**SETTINGS, "fees": [*SETTINGS["fees"], SETTINGS["fees"][0]]}))
    code, stderr = run(capsys, "aster", settings, "--admin", ADDRESS)
    assert code == 2
    assert "fees.4: there is another fee" in stderr


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_file_that_holds_no_settings_is_refused(
    settings: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.unlink() if content is None else settings.write_text(content)
    code, stderr = run(capsys, "aster", settings, "--admin", ADDRESS)
    assert code == 2
    assert "clinic.json" in stderr


@pytest.mark.parametrize("clinic_id", ["Aster", "a", "aster/begonia", "aster-1", "a" * 41])
def test_an_id_that_tokens_could_not_carry_is_refused(
    settings: Path, clinic_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, stderr = run(capsys, clinic_id, settings, "--admin", ADDRESS)
    assert code == 2
    assert clinic_id in stderr


def test_the_text_messages_are_printed_as_they_are_registered(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["message-texts"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "passcode (en): {code} is your code from {clinic_name}. Give it to nobody." in lines
    assert len(lines) == 32


def test_a_clinic_needs_an_admin(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, stderr = run(capsys, "aster", settings, "--doctor", ADDRESS)
    assert code == 2
    assert "--admin" in stderr


def test_what_is_no_address_is_named(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, stderr = run(capsys, "aster", settings, "--admin", ADDRESS, "--doctor", "somebody")
    assert code == 2
    assert "somebody" in stderr
    assert ADDRESS not in stderr


def test_a_role_that_is_given_twice_is_one() -> None:
    options = cli.parser().parse_args(["open-clinic", "aster", "f", "--admin", ADDRESS, "--admin", ADDRESS.upper()])
    assert cli.staff_of(options) == {ADDRESS: [Role.ADMIN]}


def test_a_solo_doctor_is_one_person_with_two_roles() -> None:
    options = cli.parser().parse_args(["open-clinic", "aster", "f", "--admin", ADDRESS, "--doctor", ADDRESS.upper()])
    assert cli.staff_of(options) == {ADDRESS: [Role.ADMIN, Role.DOCTOR]}
