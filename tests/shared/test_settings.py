"""The configuration: one error lists all missing variables, and deployed functions reject local endpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from infra import catalogue
from shared import settings
from shared.settings import LOCAL_ENDPOINTS, ConfigurationError
from shared.variables import Secret, Settings, variables_of

GROUPS = [one for one in vars(settings).values() if isinstance(one, type) and issubclass(one, Settings)]


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """An empty environment and an empty settings cache."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        settings.load.cache_clear()
        yield patch
    settings.load.cache_clear()


def test_a_group_reads_its_own_variables(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    environment.setenv("FIRESTORE_DATABASE", "clinics")
    environment.setenv("UNRELATED", "x")

    project = settings.load(settings.Project)

    assert (project.google_cloud_project, project.firestore_database) == ("a-project", "clinics")


def test_every_missing_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TASKS_LOCATION", "asia-south1")

    with pytest.raises(ConfigurationError) as error:
        settings.load(settings.Tasks)

    missing = str(error.value).partition(": ")[2].split(", ")
    assert missing == ["GOOGLE_CLOUD_PROJECT", "FUNCTION_URL", "TASKS_ACCOUNT"]


def test_a_wrong_value_is_named_and_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CHECK_AFTER_SECONDS", "s3cret")

    with pytest.raises(ConfigurationError) as error:
        settings.load(settings.Polling)

    assert "CHECK_AFTER_SECONDS" in str(error.value)
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("address", ["https://functions.example", "https://{service}.example", ""])
def test_an_address_that_does_not_name_the_function_is_wrong(address: str, environment: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_CLOUD_PROJECT", "TASKS_LOCATION", "TASKS_ACCOUNT"):
        environment.setenv(name, "x")
    environment.setenv("FUNCTION_URL", address)

    with pytest.raises(ConfigurationError, match="FUNCTION_URL"):
        settings.load(settings.Tasks)


def test_the_catalogue_gives_each_group_exactly_what_a_deployment_must_set() -> None:
    catalogued = {group: set(variables) for group, variables in catalogue.load().settings.items()}

    required = {
        group.__name__: {
            name
            for name, variable in variables_of(group).items()
            if variable.is_required
            and variable.kind is not Secret  # from Secret Manager
            and name != "THREADS"  # the concurrency of the function itself
        }
        for group in GROUPS
    }

    assert catalogued == {name: variables for name, variables in required.items() if variables}


@pytest.mark.parametrize("name", LOCAL_ENDPOINTS)
def test_a_deployed_function_refuses_a_local_endpoint(name: str, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("K_SERVICE", "patients")
    environment.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    environment.setenv(name, "http://127.0.0.1:1")

    with pytest.raises(ConfigurationError, match=name):
        settings.load(settings.Project)


def test_a_deployed_function_starts_without_local_endpoints(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("K_SERVICE", "patients")
    environment.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    environment.setenv("FIRESTORE_DATABASE", "clinics")
    environment.setenv("KMS_ENDPOINT", "")

    assert settings.load(settings.Project).google_cloud_project == "a-project"


def test_every_endpoint_that_a_group_can_redirect_is_a_local_endpoint() -> None:
    redirected = {name for group in GROUPS for name in variables_of(group) if name.endswith("_ENDPOINT")}

    assert redirected <= set(LOCAL_ENDPOINTS)
    assert "KMS_ENDPOINT" in redirected
