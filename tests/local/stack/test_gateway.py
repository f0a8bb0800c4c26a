"""The gateway finds the function of a path as the load balancer does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.catalogue import Catalogue
from local.stack.gateway import Gateway
from tests.support.toy_functions import toy_catalogue


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    gateway = Gateway(catalogue())
    yield gateway
    gateway.stop()


def catalogue() -> Catalogue:
    return toy_catalogue(
        notes={"kind": "http", "path": "/notes", "more_paths": ["/memos"]},
        pictures={"kind": "http", "sub_paths": ["/notes/*/pictures", "/notes/*/text/live"]},
    )


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/v1/notes", "notes"),
        ("/api/v1/notes/n1", "notes"),
        ("/api/v1/notes/n1/text", "notes"),
        ("/api/v1/memos/n1/pictures", "notes"),
        ("/api/v1/notes/n1/pictures", "pictures"),
        ("/api/v1/notes/n1/pictures/7", "pictures"),
        ("/api/v1/notes/n1/text/live", "pictures"),
        ("/api/v1/notes//pictures", "notes"),
        ("/api/v1/notes/n1/n2/pictures", "notes"),
        ("/api/v1/notes/n1/pictures-of", "notes"),
        ("/api/v1/notes-of/n1/pictures", "fallback"),
        ("/pictures", "fallback"),
    ],
)
def test_a_path_below_another_functions_goes_to_its_own_function(gateway: Gateway, path: str, function: str) -> None:
    found = gateway.function_of(path)

    assert found == (gateway.fallback if function == "fallback" else function)
