"""The configuration: all that is missing is named at once, and no deployed function talks to a local endpoint."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from shared import settings
from shared.settings import LOCAL_ENDPOINTS, ConfigurationError


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """An empty environment, and nothing remembered from another one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.delenv(name)
        settings.load.cache_clear()
        yield patch
    settings.load.cache_clear()


def test_a_group_reads_its_own_variables(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    environment.setenv("UNRELATED", "x")

    project = settings.load(settings.Project)

    assert (project.google_cloud_project, project.firestore_database) == ("a-project", "(default)")


def test_every_missing_variable_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TASKS_LOCATION", "asia-south1")

    with pytest.raises(ConfigurationError) as error:
        settings.load(settings.Tasks)

    missing = str(error.value).partition(": ")[2].split(", ")
    assert missing == ["GOOGLE_CLOUD_PROJECT", "FUNCTIONS_URL", "TASKS_ACCOUNT"]


def test_a_wrong_value_is_named_and_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CHECK_AFTER_SECONDS", "s3cret")

    with pytest.raises(ConfigurationError) as error:
        settings.load(settings.Patience)

    assert "CHECK_AFTER_SECONDS" in str(error.value)
    assert "s3cret" not in str(error.value)


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
    environment.setenv("KMS_ENDPOINT", "")

    assert settings.load(settings.Project).google_cloud_project == "a-project"


def test_every_endpoint_that_a_group_can_redirect_is_a_local_endpoint() -> None:
    groups = [one for one in vars(settings).values() if isinstance(one, type) and issubclass(one, settings.Settings)]

    redirected = {name.upper() for group in groups for name in group.model_fields if name.endswith("_endpoint")}

    assert redirected <= set(LOCAL_ENDPOINTS)
    assert "KMS_ENDPOINT" in redirected
