"""A resource of the API up to its handler: routes, roles, bodies, headers and problems; no I/O."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import Field

from local.demo.seed import token
from local.services.kit.identity import PROJECT, unsigned_jwt
from shared import settings
from shared.records.conflict_codes import ConflictCode
from shared.records.page import PageQuery, PageToken
from shared.records.patients.details import BirthDate
from shared.records.problems import Conflict, NotFound, PreconditionFailed, Problem, Unavailable
from shared.records.record import Value
from shared.records.types import Moment, Role, Zone
from shared.store.clinic import Clinic, Visibility
from shared.web import logs
from shared.web.api import Api
from shared.web.operations import ANYONE, DOCTORS, operation
from shared.web.request import LARGEST_JSON

TRACE = "0af7651916cd43dd8448eb211c80319c"
ORIGIN = "https://app.clinic.example"


class Part(Value):
    count: int


class Order(Value):
    name: str = Field(min_length=1)
    parts: list[Part] = []
    zone: Zone | None = None
    born: BirthDate | None = None


class Seen(Value):
    """The arguments of the handler."""

    clinic: str
    user: str
    roles: list[Role]
    if_match: int | None
    key: str | None
    request_id: str
    name: str = ""


class Address(Value):
    """The client address in the handler's context."""

    address: str


api = Api("orders")


def seen(clinic: Clinic, name: str = "") -> Seen:
    clinic.visibility.narrow(clinical=False)  # as Clinic.perform does
    return Seen(
        clinic=clinic.id,
        user=clinic.context.caller.user_id,
        roles=sorted(clinic.context.caller.allowed),
        if_match=clinic.context.if_match,
        key=clinic.context.idempotency.key if clinic.context.idempotency else None,
        request_id=clinic.context.origin.request_id,
        name=name,
    )


@api.get("/{id}", roles=ANYONE)
def get(clinic: Clinic, id: str) -> Seen:
    return seen(clinic, id)


@api.post("/", roles=DOCTORS, status=201)
def create(clinic: Clinic, new: Order) -> Seen:
    return seen(clinic, new.name)


@api.put("/{id}", roles=DOCTORS)
def change(clinic: Clinic, id: str, new: Order) -> Seen:
    return seen(clinic, new.name)


@api.post("/{id}/fail", roles=ANYONE, requires_idempotency_key=False)
def fail(clinic: Clinic, id: str) -> Seen:
    raise {
        "conflict": Conflict(ConflictCode.REPORT_SIGNED, "it is closed"),
        "stale": PreconditionFailed(),
        "busy": Unavailable(),
        "gone": NotFound(),
    }.get(id, RuntimeError("Asha Rao, +919845012345"))


@api.get("/{id}/address", roles=ANYONE)
def address(clinic: Clinic, id: str) -> Address:
    clinic.visibility.narrow(clinical=False)
    return Address(address=clinic.context.origin.address)


@api.get("/{id}/unperformed", roles=ANYONE)
def unperformed(clinic: Clinic, id: str) -> Address:
    return Address(address=id)


class Choice(PageQuery):
    """Filters of a list."""

    created_from: Moment | None = None
    like: PageToken | None = None


@api.get("/{id}/parts", roles=ANYONE)
def parts(clinic: Clinic, id: str, choice: Choice) -> Seen:
    return seen(clinic, id)


@pytest.fixture(autouse=True)
def deployed(accounts_host: str) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a function; restores the logging of this process afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
        patch.setenv("LOG_LEVEL", "INFO")
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", accounts_host)
        patch.setenv("FIRESTORE_DATABASE", "(default)")
        patch.setenv("CORS_ORIGINS", f"https://other.example,{ORIGIN}")
        patch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
        patch.setattr(logging.root, "handlers", [])
        patch.setattr(Clinic, "admit", lambda clinic: None)  # it reads the caller's record
        forget()
        yield patch
    forget()


def forget() -> None:
    settings.load.cache_clear()
    logs.configure.cache_clear()


def send(method: str, path: str, body: object = None, *, bearer: str | None = "", **headers: str) -> flask.Response:
    """Send a request; by default as a signed-in doctor."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if bearer is not None:
        sent["Authorization"] = f"Bearer {bearer or token('doctor-1', 'aster')}"
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    kind = sent.pop("Content-Type", "application/json") if content is not None else None
    app = flask.Flask("orders")
    with app.test_request_context(
        f"/api/v1{path}", method=method, data=content, content_type=kind, headers=sent
    ) as context:
        return api.handle(context.request)


def altered(**claims: object) -> str:
    """An unsigned token with these claims; None leaves one out."""
    payload = token("doctor-1", "aster").split(".")[1]
    usual = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return unsigned_jwt({name: value for name, value in {**usual, **claims}.items() if value is not None})


def post(body: object, **headers: str) -> flask.Response:
    return send("POST", "/orders/", body, **{"Idempotency_Key": "a-fresh-key", **headers})


def problem(response: flask.Response) -> dict[str, Any]:
    """The body of a problem response, checked against the form of RFC 9457."""
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(response.get_data())
    assert body["status"] == response.status_code
    assert re.fullmatch(r"urn:synapseai:problem:[a-z-]+", body["type"])
    assert body["title"]
    assert body["trace_id"] == response.headers["X-Request-Id"]
    return body


def pointers(response: flask.Response) -> list[str]:
    assert response.status_code == 422
    return [error["pointer"] for error in problem(response)["errors"]]


def test_a_request_reaches_its_handler_bound_to_clinic_user_and_roles() -> None:
    response = send("GET", "/orders/o-1")

    body = json.loads(response.get_data())
    assert response.status_code == 200
    assert (body["clinic"], body["user"], body["name"]) == ("aster", "doctor-1", "o-1")
    assert set(body["roles"]) == {"admin", "doctor", "receptionist"}


def test_a_created_thing_answers_with_the_operations_status() -> None:
    response = post({"name": "x"})

    assert response.status_code == 201
    assert json.loads(response.get_data())["roles"] == ["doctor"]


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", "/orders", 405, "method-not-allowed"),
        ("DELETE", "/orders/o-1", 405, "method-not-allowed"),
        ("GET", "/orders/o-1/lines", 404, "not-found"),
        ("GET", "/other", 404, "not-found"),
        ("POST", "/orders/conflict/fail", 409, "conflict"),
        ("POST", "/orders/stale/fail", 412, "stale"),
        ("POST", "/orders/busy/fail", 503, "busy"),
        ("POST", "/orders/gone/fail", 404, "not-found"),
        ("POST", "/orders/bug/fail", 500, "internal"),
    ],
)
def test_every_refusal_is_a_problem_with_a_stable_type(method: str, path: str, status: int, name: str) -> None:
    response = send(method, path)

    assert response.status_code == status
    assert problem(response)["type"] == f"urn:synapseai:problem:{name}"


def test_an_unexpected_error_tells_the_client_and_the_log_nothing_of_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = send("POST", "/orders/bug/fail")

    assert "detail" not in problem(response)
    assert b"Asha" not in response.get_data()
    logged = capsys.readouterr().out
    assert "builtins.RuntimeError at fail:" in logged
    assert "Asha" not in logged
    assert "+919845012345" not in logged


def test_a_refusal_keeps_its_detail_and_has_no_errors_it_does_not_mean() -> None:
    body = problem(send("POST", "/orders/conflict/fail"))

    assert body["detail"] == "it is closed"
    assert "errors" not in body


def test_every_kind_of_problem_has_a_type_of_its_own() -> None:
    kinds: list[type[Problem]] = [Problem, *Problem.__subclasses__()]

    assert len({kind.name for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("bearer", [None, "nonsense", "a.b.c"])
def test_without_a_token_that_holds_nobody_is_let_in(bearer: str | None) -> None:
    assert problem(send("GET", "/orders/o-1", bearer=bearer))["type"].endswith(":unauthenticated")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "token"])
def test_another_scheme_is_no_token(authorization: str) -> None:
    assert send("GET", "/orders/o-1", bearer=None, Authorization=authorization).status_code == 401


@pytest.mark.parametrize("claim", [None, "x", "5", [], {}, 10**30, float("nan"), float("inf")])
def test_a_token_that_does_not_say_when_it_was_issued_is_none(claim: object) -> None:
    assert send("GET", "/orders/o-1", bearer=altered(iat=claim)).status_code == 401


@pytest.mark.parametrize("user", ["a/b", "..", "__x__", "a b", "é"])
def test_a_token_of_somebody_who_cannot_have_a_record_is_none(user: str) -> None:
    assert send("GET", "/orders/o-1", bearer=altered(sub=user)).status_code == 401


@pytest.mark.parametrize("clinic", ["", "a/b", "../x", "a.b"])
def test_a_token_of_no_clinic_is_forbidden(clinic: str) -> None:
    assert send("GET", "/orders/o-1", bearer=token("doctor-1", clinic)).status_code == 403


def test_every_wrong_field_of_a_body_is_named_at_once_by_its_pointer() -> None:
    wrong = {"name": "", "parts": [{"count": 1}, {"count": "x"}, {}], "colour": "red"}

    named = pointers(post(wrong))

    assert sorted(named) == ["/colour", "/name", "/parts/1/count", "/parts/2/count"]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("page_size=0&foo=1", ["foo", "page_size"]),
        ("page_size=1&page_size=2&created_from=x", ["created_from", "page_size"]),
        ("foo=1&foo=2&bar=", ["bar", "foo"]),
    ],
)
def test_every_wrong_parameter_of_a_query_is_named_at_once(query: str, named: list[str]) -> None:
    assert sorted(pointers(send("GET", f"/orders/o-1/parts?{query}"))) == named


def test_a_wrong_query_and_a_wrong_body_are_named_at_once() -> None:
    assert pointers(send("POST", "/orders/?zz=1", {"name": ""}, Idempotency_Key="a-fresh-key")) == ["zz", "/name"]


def test_a_body_that_cannot_be_read_is_told_before_what_is_wrong_with_the_query() -> None:
    for body, status in ((b"{", 400), (b" " * (LARGEST_JSON + 1), 413)):
        assert send("POST", "/orders/?zz=1", body).status_code == status
    assert send("POST", "/orders/?zz=1", b"{}", Content_Type="text/plain").status_code == 415


def test_a_body_that_cannot_be_read_is_told_with_what_is_wrong_with_the_headers() -> None:
    for body in (b"{", b"", b" " * (LARGEST_JSON + 1)):
        errors = json.loads(send("POST", "/orders/", body).get_data())["errors"]
        assert [error["pointer"] for error in errors] == ["Idempotency-Key"]


def test_a_missing_body_is_no_other_media_type() -> None:
    refused = send("POST", "/orders/", Idempotency_Key="a-fresh-key")

    assert refused.status_code == 400
    detail = json.loads(refused.get_data())["detail"]
    assert detail == "a body is required: send application/json, {} if it has no fields"


@given(st.text(min_size=1, max_size=12).filter(lambda name: name not in Order.model_fields))
@example("~1")
@example("a/b~c")
def test_a_pointer_escapes_what_rfc_6901_asks_and_leads_back_to_the_field(name: str) -> None:
    (pointer,) = pointers(post({"name": "x", name: 1}))

    assert pointer.count("/") == 1
    assert pointer[1:].replace("~1", "/").replace("~0", "~") == name


def test_a_rule_of_ours_is_told_in_its_own_words() -> None:
    (error,) = problem(post({"name": "x", "zone": "Mars/Olympus"}))["errors"]

    assert error == {"pointer": "/zone", "detail": "not an IANA time zone"}


def test_a_form_that_is_not_kept_is_told_without_its_regular_expression() -> None:
    (error,) = problem(send("GET", "/orders/o-1/parts?like=a.b"))["errors"]

    assert error == {"pointer": "like", "detail": "has characters or a form that this field does not take"}


def test_a_day_that_is_too_early_is_told_as_a_day() -> None:
    (error,) = problem(post({"name": "x", "born": "1879-12-31"}))["errors"]

    assert error["pointer"] == "/born"
    assert error["detail"].endswith(" 1880-01-01")


def test_a_wrong_value_is_never_repeated_to_the_client() -> None:
    assert b"Asha" not in post({"name": "x", "parts": [{"count": "Asha Rao"}]}).get_data()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"", {}, 400),
        (b"\xff", {}, 400),
        (b"[]", {}, 422),
        (b"null", {}, 422),
        (b'{"name": "x"}', {"Content_Type": "text/plain"}, 415),
        (b'{"name": "x"}', {"Content_Type": "application/json; charset=utf-8"}, 201),
        (b'{"name": "' + b"x" * LARGEST_JSON + b'"}', {}, 413),
    ],
)
def test_a_body_is_json_of_a_reasonable_size(body: bytes, headers: dict[str, str], status: int) -> None:
    assert post(body, **headers).status_code == status


@pytest.mark.parametrize(("etag", "revision"), [('"1"', 1), ('"999999999"', 999_999_999), ('W/"7"', 7)])
def test_if_match_is_the_revision_that_the_client_saw(etag: str, revision: int) -> None:
    response = send("PUT", "/orders/o-1", {"name": "x"}, If_Match=etag)

    assert json.loads(response.get_data())["if_match"] == revision


@pytest.mark.parametrize("etag", ["", "*", "1", '"1', '"x"', '"1", "2"', '"-1"', '"1.0"', '"10000000000"'])
def test_another_etag_is_none_of_ours(etag: str) -> None:
    assert send("PUT", "/orders/o-1", {"name": "x"}, If_Match=etag).status_code == 400


def test_a_change_needs_if_match_and_a_read_does_not_look_at_it() -> None:
    assert problem(send("PUT", "/orders/o-1", {"name": "x"}))["type"].endswith(":precondition-required")
    assert send("GET", "/orders/o-1", If_Match="anything").status_code == 200


@pytest.mark.parametrize("key", [None, "", "short", "x" * 201, "with space in it", "schlüssel-1"])
def test_what_creates_something_needs_an_idempotency_key(key: str | None) -> None:
    headers = {} if key is None else {"Idempotency_Key": key}

    assert send("POST", "/orders/", {"name": "x"}, **headers).status_code == 400


@pytest.mark.parametrize("key", ["12345678", "x" * 200, "a-b_c.d~e!f/g=h"])
def test_a_key_of_visible_characters_counts(key: str) -> None:
    assert json.loads(post({"name": "x"}, Idempotency_Key=key).get_data())["key"] == key


def test_a_trace_that_comes_in_goes_on() -> None:
    response = send("GET", "/orders/o-1", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    assert response.headers["X-Request-Id"] == TRACE
    assert json.loads(response.get_data())["request_id"] == TRACE


@pytest.mark.parametrize("rest", ["", "-", "-more", "-more-of-it"])
def test_a_trace_of_a_later_version_is_read_as_far_as_the_first_goes(rest: str) -> None:
    response = send("GET", "/orders/o-1", traceparent=f"cc-{TRACE}-b7ad6b7169203331-01{rest}")

    assert response.headers["X-Request-Id"] == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        TRACE,
        f"00-{TRACE[:-1]}-b7ad6b7169203331-01",
        f"00-{TRACE.upper()}-b7ad6b7169203331-01",
        "00-<script>-0-0",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-b7ad6b7169203331-01-more",
        f"ff-{TRACE}-b7ad6b7169203331-01",
        f"cc-{TRACE}-b7ad6b7169203331-01.more",
    ],
)
def test_a_trace_of_another_form_is_replaced_by_a_fresh_one(traceparent: str | None) -> None:
    headers = {} if traceparent is None else {"traceparent": traceparent}

    ids = {send("GET", "/orders/o-1", **headers).headers["X-Request-Id"] for _ in range(2)}

    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert not ids & {TRACE, "0" * 32}


def test_a_browser_of_a_configured_origin_may_read_the_answer() -> None:
    headers = send("GET", "/orders/o-1", Origin=ORIGIN).headers

    assert (headers["Access-Control-Allow-Origin"], headers["Vary"]) == (ORIGIN, "Origin")
    assert {"Content-Disposition", "ETag", "Retry-After"} <= set(headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    "origin", [None, "", "null", "*", "https://evil.example", ORIGIN + ".evil.example", ORIGIN[:-1]]
)
def test_a_browser_of_any_other_origin_may_not(origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}

    answered = send("GET", "/orders/o-1", **headers).headers

    assert "Access-Control-Allow-Origin" not in answered
    assert answered["Vary"] == "Origin"


def test_a_preflight_needs_no_token() -> None:
    response = send("OPTIONS", "/orders/o-1", bearer=None, Origin=ORIGIN, Access_Control_Request_Method="PUT")

    assert response.status_code == 204
    assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Idempotency-Key", "If-Match"} <= set(
        response.headers["Access-Control-Allow-Headers"].split(", ")
    )


@pytest.mark.parametrize("path", ["/orders/o-1", "/nothing", "/orders"])
def test_no_answer_is_kept_by_a_cache_or_guessed_at_by_a_browser(path: str) -> None:
    headers = send("GET", path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in headers


def test_the_log_has_one_line_a_request_with_ids_and_no_content(capsys: pytest.CaptureFixture[str]) -> None:
    post({"name": "Asha Rao"}, traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    (line,) = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert (line["operation"], line["method"], line["status"]) == ("create", "POST", 201)
    assert "Asha" not in json.dumps(line)


def no_clinic(id: str) -> Seen:
    raise NotImplementedError


def two_bodies(clinic: Clinic, one: Order, other: Part) -> Seen:
    raise NotImplementedError


def a_parameter_from_nowhere(clinic: Clinic, page: str) -> Seen:
    raise NotImplementedError


@pytest.mark.parametrize("handler", [no_clinic, two_bodies, a_parameter_from_nowhere])
def test_a_handler_that_cannot_be_called_is_refused_at_start(handler: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=handler.__name__):
        operation(
            "POST", "/{id}", handler, roles=ANYONE, status=200, requires_idempotency_key=False, requires_if_match=False
        )


ADDRESSES = st.ip_addresses().map(str)


@given(st.lists(st.one_of(ADDRESSES, st.just("unknown"), st.just("")), max_size=4), ADDRESSES, ADDRESSES)
def test_the_address_is_the_one_that_the_load_balancer_saw_whatever_the_client_claims(
    claimed: list[str], client: str, balancer: str
) -> None:
    forwarded = ", ".join([*claimed, client, balancer])

    answer = send("GET", "/orders/o1/address", X_Forwarded_For=forwarded)

    assert json.loads(answer.get_data()) == {"address": client}


def test_without_a_load_balancer_the_address_is_that_of_the_connection() -> None:
    answer = send("GET", "/orders/o1/address", X_Forwarded_For="203.0.113.9")

    assert json.loads(answer.get_data())["address"] != "203.0.113.9"


def test_a_handler_that_performed_nothing_is_not_answered_on_an_assumption() -> None:
    assert send("GET", "/orders/o-1/unperformed").status_code == 500


@pytest.mark.parametrize(("performed", "clinical"), [([True], True), ([True, False], False), ([False, True], False)])
def test_clinical_fields_are_shown_only_if_every_transaction_allows_it(performed: list[bool], clinical: bool) -> None:
    visibility = Visibility()
    for allowed in performed:
        visibility.narrow(clinical=allowed)

    assert visibility.clinical == clinical
