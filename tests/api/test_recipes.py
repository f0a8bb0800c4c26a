"""The recipes of docs/recipes.md are what the API answers, and the reader of recipes finds every difference."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import urllib3
from firebase_admin import auth

from infra.catalogue import ROOT
from local.demo.seed import SETTINGS
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.types import new_id
from tests.support.clinics import clinic_with_profile
from tests.support.password_sign_in import PASSWORD
from tests.support.recipes import Recipe, RecipeRunner, recipes_of

pytestmark = pytest.mark.long

RECIPES = recipes_of((ROOT / "docs" / "recipes.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runner(stack: Stack, beginning_of_visit: bytes) -> RecipeRunner:
    """A runner with what the page leaves to its reader: the accounts of a new clinic, a recording and times."""
    clinic, now = clinic_with_profile(stack), datetime.now(UTC)
    doctor = clinic.doctor.user_id
    auth.update_user(doctor, password=PASSWORD, valid_since=1, app=accounts._app())
    values = {
        "identity": f"{stack.url}/identitytoolkit.googleapis.com/v1",
        "email": f"{doctor}@accounts.example",
        "password": PASSWORD,
        "desk": clinic.receptionist.token,
        "desk_id": clinic.receptionist.user_id,
        "admin": clinic.admin.token,
        "colleague": f"colleague-{new_id()}@clinic.example",
        "tomorrow": f"{now.astimezone(ZoneInfo(SETTINGS['time_zone'])).date() + timedelta(days=1)}",
        "began": (now - timedelta(hours=3)).isoformat(),
        "ended": (now - timedelta(hours=2, minutes=40)).isoformat(),
        "bytes": str(len(beginning_of_visit)),
    }
    return RecipeRunner(clinic.doctor.base, values, {"visit.flac": beginning_of_visit})


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_recipe_is_what_the_api_answers(runner: RecipeRunner, recipe: Recipe) -> None:
    """A recipe uses values of the answers of earlier ones, so all run in the order of the page."""
    runner.run(recipe)


# The reader of recipes

PAGE = """
## Find

Prose.

```http
# Repeat until it is there.
GET /things/{thing}?all
Accept: text/plain
```

```http
HTTP/1.1 200 OK
ETag: {etag}

{"id": "{id}", "parts": [1, "…"], "at": "…"}
```

```json
{"no": "request"}
```
"""
ANSWER = {"id": "a1", "parts": [1, 2], "at": "today", "not": "shown"}


def answer(body: object, status: int = 200, **headers: str) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(json.dumps(body).encode(), {"ETag": '"3"', **headers}, status, preload_content=True)


def test_a_page_is_read_as_requests_with_their_answers() -> None:
    [recipe] = recipes_of(PAGE)
    [(request, shown)] = recipe.steps

    assert (recipe.title, request.line, shown.line) == ("Find", 6, 12)
    assert (request.first, request.headers, request.body) == ("GET /things/{thing}?all", {"Accept": "text/plain"}, "")
    assert (request.repeated, shown.repeated) == (True, False)
    assert (shown.first, json.loads(shown.body)["id"]) == ("HTTP/1.1 200 OK", "{id}")


@pytest.mark.parametrize("page", [PAGE.replace("HTTP/1.1 200 OK", "GET /again"), PAGE.replace("GET", "HTTP/1.1 200")])
def test_a_page_with_a_request_or_an_answer_alone_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match=r"line [0-9]+: requests and answers must alternate"):
        recipes_of(page)
    with pytest.raises(ValueError, match="line 6: a request without an answer"):
        recipes_of(PAGE[: PAGE.index("HTTP/1.1") - len("```http\n")])


@pytest.mark.parametrize(
    ("actual", "difference"),
    [
        (answer(ANSWER), None),
        (answer(ANSWER, ETag='"4"'), None),
        (answer({**ANSWER, "parts": [1]}), None),
        (answer({**ANSWER, "id": "a2"}), "/id is 'a2' instead of '{id}'"),
        (answer({**ANSWER, "id": 7}), "/id is 7 instead of '{id}'"),
        (answer({**ANSWER, "parts": [True]}), "/parts/0 is True instead of 1"),
        (answer({**ANSWER, "parts": []}), "/parts has 0 items instead of 1: []"),
        (answer({"id": "a1", "parts": [1]}), "/at is missing"),
        (answer(ANSWER, 404), "the status is 404 instead of 'HTTP/1.1 200 OK': "),
    ],
)
def test_every_difference_of_an_answer_is_found(actual: urllib3.HTTPResponse, difference: str | None) -> None:
    [(_, shown)] = recipes_of(PAGE)[0].steps
    runner = RecipeRunner("", {"id": "a1"}, {})

    found = list(runner.differences(shown, actual))

    assert [text[: len(difference or "")] for text in found] == ([difference] if difference else [])


def test_a_header_that_the_page_shows_must_be_there() -> None:
    bare = urllib3.HTTPResponse(json.dumps(ANSWER).encode(), {}, 200)

    for page in (PAGE, PAGE.replace("{etag}", "…")):
        [(_, shown)] = recipes_of(page)[0].steps
        assert list(RecipeRunner("", {}, {}).differences(shown, bare)) == ["ETag is missing"]


def test_a_placeholder_without_a_value_names_the_missing_recipe() -> None:
    with pytest.raises(AssertionError, match=r"no earlier recipe has shown \['thing'\]"):
        RecipeRunner("", {}, {}).run(recipes_of(PAGE)[0])
