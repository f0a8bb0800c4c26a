"""What anybody can see of an API: each operation exists and rejects unauthenticated callers, and no other path exists.
With https also what only a deployment has.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import urllib3

from infra import catalogue
from infra.verdicts import Check
from shared.web import PREFIX

_DESCRIPTION = catalogue.ROOT / "functions" / "api_docs" / "openapi.json"
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30))
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_HSTS = "strict-transport-security"
_PARAMETER = re.compile(r"\{[^}]+\}")
_VALID_DAYS = 7
"""Google renews a managed certificate a month before it expires; fewer days left mean that the renewal fails."""
_FOREIGN_ORIGIN = "https://elsewhere.example"


@dataclass(frozen=True)
class Response:
    """The response to a request."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    content: bytes

    def is_problem(self, status: int, name: str) -> bool:
        """True if the body is this problem in the format of the API."""
        kind = self.headers.get("content-type")
        if self.status != status or kind != "application/problem+json":
            return False
        return bool(json.loads(self.content)["type"] == f"urn:synapseai:problem:{name}")


@dataclass(frozen=True)
class Target:
    """The API to test."""

    url: str
    """The URL of the API without its prefix."""
    project: str = ""
    """The project of the ID tokens."""
    functions: str = ""
    """The direct URL of the functions, with `{function}` for the name."""


Problems = Iterator[str]
Seen = Callable[[Target], Problems]
"""What contradicts the sentence in its docstring."""


def request(method: str, url: str, **headers: str) -> Response:
    """Send one request without following redirects. Raises urllib3.exceptions.HTTPError."""
    response = _http.request(method, url, headers=headers, redirect=False)
    return Response(response.status, {name.lower(): value for name, value in response.headers.items()}, response.data)


def missing_tokens_are_refused(target: Target) -> Problems:
    """every operation rejects a request without a token"""
    for path, operations in json.loads(_DESCRIPTION.read_text(encoding="utf-8"))["paths"].items():
        for method in operations:
            concrete = _PARAMETER.sub("nobody", path)
            response = request(method.upper(), target.url + concrete)
            if not response.is_problem(401, "unauthenticated"):
                yield f"{method.upper()} {concrete} was answered {response.status}"


def malformed_tokens_are_refused(target: Target) -> Problems:
    """a malformed token is rejected"""
    response = request("GET", f"{target.url}{PREFIX}/profile", Authorization="Bearer none")
    if not response.is_problem(401, "unauthenticated"):
        yield f"answered {response.status}"


def unknown_paths_are_not_found(target: Target) -> Problems:
    """an unknown path is answered 404"""
    response = request("GET", f"{target.url}{PREFIX}/nothing-is-here")
    if not response.is_problem(404, "not-found"):
        yield f"answered {response.status}"


def unsigned_events_are_refused(target: Target) -> Problems:
    """an event of the payment provider without a signature is refused, for any clinic alike"""
    response = request("POST", f"{target.url}{PREFIX}/payment-webhook/nobody")
    if not response.is_problem(400, "bad-request"):
        yield f"answered {response.status}"


def other_methods_are_not_allowed(target: Target) -> Problems:
    """a method that a path does not support is answered 405, with the supported methods in Allow"""
    response = request("PATCH", f"{target.url}{PREFIX}/profile")
    if not response.is_problem(405, "method-not-allowed"):
        yield f"answered {response.status}"
    if "GET" not in response.headers.get("allow", ""):
        yield "Allow does not list GET"


def responses_have_security_headers(target: Target) -> Problems:
    """responses are not cached, and HSTS makes browsers use HTTPS"""
    headers = request("GET", f"{target.url}{PREFIX}/profile").headers
    for name, value in _HEADERS.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}, not {value}"
    for name in (_HSTS, "x-request-id"):
        if not headers.get(name):
            yield f"{name} is missing"


def foreign_origins_are_refused(target: Target) -> Problems:
    """a page of another origin may not read responses (CORS)"""
    allowed = request("OPTIONS", f"{target.url}{PREFIX}/profile", Origin=_FOREIGN_ORIGIN).headers.get(
        "access-control-allow-origin"
    )
    if allowed:
        yield f"{allowed} is allowed"


def forged_tokens_are_refused(target: Target) -> Problems:
    """an unsigned token is rejected"""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{target.project}",
        "aud": target.project,
        "sub": "nobody",
        "clinic": "nowhere",
        "auth_time": now,
        "iat": now,
        "exp": now + 600,
    }
    head, body = (_base64(json.dumps(part).encode()) for part in ({"alg": "none", "typ": "JWT"}, claims))
    response = request("GET", f"{target.url}{PREFIX}/profile", Authorization=f"Bearer {head}.{body}.")
    if not response.is_problem(401, "unauthenticated"):
        yield f"answered {response.status}"


def http_leads_to_https(target: Target) -> Problems:
    """plain HTTP is redirected to HTTPS"""
    https = f"{target.url}{PREFIX}/profile"
    response = request("GET", https.replace("https://", "http://", 1))
    if response.status not in (301, 308) or response.headers.get("location") != https:
        yield f"answered {response.status}, to {response.headers.get('location')}"


def the_certificate_lasts(target: Target) -> Problems:
    """the certificate is valid for at least a week"""
    parts = urlsplit(target.url)
    context = ssl.create_default_context()
    address = (parts.hostname or "", parts.port or 443)
    with (
        socket.create_connection(address, timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
    ):
        end = str((secure.getpeercert() or {})["notAfter"])
    days = (ssl.cert_time_to_seconds(end) - time.time()) / 86400
    if days < _VALID_DAYS:
        yield f"it ends on {end}"


def functions_are_not_public(target: Target) -> Problems:
    """no function answers at its direct URL"""
    for function in catalogue.load().functions.values():
        address = target.functions.replace("{function}", function.service)
        response = request("GET", f"{address}{PREFIX}/profile")
        # Google's front end answers 404 if the ingress settings reject a request, and 403 if IAM does.
        if response.status not in (403, 404) or response.headers.get("content-type") == "application/problem+json":
            yield f"{address} answered {response.status}"


EVERYWHERE: tuple[Seen, ...] = (
    missing_tokens_are_refused,
    malformed_tokens_are_refused,
    unknown_paths_are_not_found,
    unsigned_events_are_refused,
    other_methods_are_not_allowed,
    responses_have_security_headers,
    foreign_origins_are_refused,
)
DEPLOYED: tuple[Seen, ...] = (forged_tokens_are_refused, http_leads_to_https, the_certificate_lasts)
"""Checks that fail on the local stack: it accepts unsigned tokens and serves plain HTTP."""


def checks(target: Target) -> list[Check]:
    """All that apply to an API at this address, which may end with the prefix."""
    target = replace(target, url=target.url.removesuffix(PREFIX))
    deployed = DEPLOYED if target.url.startswith("https://") else ()
    seen = (*EVERYWHERE, *deployed, *([functions_are_not_public] if target.functions else []))
    return [Check(one.__doc__ or "", partial(_problems, one, target)) for one in seen]


def _problems(seen: Seen, target: Target) -> Problems:
    try:
        yield from seen(target)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        yield f"{type(error).__name__}: {error}"
    except (ValueError, LookupError) as error:
        yield f"another answer than of this API ({type(error).__name__})"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
