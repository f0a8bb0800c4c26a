"""Tries an API from outside, without signing in: `python -m infra.smoke https://api.example.org/api/v1`.

It asks for what everybody may see: that each operation of the API is there and refuses strangers, and nothing else is.
With https it also tries what only a deployment has. It changes nothing, and needs no credentials.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from rich.console import Console

from infra import catalogue
from shared.web import PREFIX

_DESCRIPTION = catalogue.ROOT / "functions" / "api_docs" / "openapi.json"
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30))
_SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_FOR_BROWSERS = "strict-transport-security"
_PARAMETER = re.compile(r"\{[^}]+\}")
_VALID_DAYS = 7
"""Google renews a managed certificate a month before its end; a shorter rest means that it cannot."""
_STRANGE_ORIGIN = "https://elsewhere.example"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    content: bytes

    def is_problem(self, status: int, name: str) -> bool:
        """Whether it is this problem, as the API itself words it."""
        kind = self.headers.get("content-type")
        if self.status != status or kind != "application/problem+json":
            return False
        return bool(json.loads(self.content)["type"] == f"urn:synapseai:problem:{name}")


@dataclass(frozen=True)
class Target:
    """What is tried."""

    url: str
    """Where the API is, without its prefix."""
    project: str = ""
    """The project that tokens are for."""
    functions: str = ""
    """The functions' own addresses, with `{function}` for the name."""


Problems = Iterator[str]
Check = Callable[[Target], Problems]


def ask(method: str, url: str, **headers: str) -> Answer:
    """One request; redirects are not followed. Raises urllib3.exceptions.HTTPError."""
    answer = _http.request(method, url, headers=headers, redirect=False)
    return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)


def strangers_are_refused(target: Target) -> Problems:
    """every operation refuses a caller without a token"""
    for path, operations in json.loads(_DESCRIPTION.read_text(encoding="utf-8"))["paths"].items():
        for method in operations:
            place = _PARAMETER.sub("nobody", path)
            answer = ask(method.upper(), target.url + place)
            if not answer.is_problem(401, "unauthenticated"):
                yield f"{method.upper()} {place} was answered {answer.status}"


def junk_is_refused(target: Target) -> Problems:
    """a token that is none is refused"""
    answer = ask("GET", f"{target.url}{PREFIX}/profile", Authorization="Bearer none")
    if not answer.is_problem(401, "unauthenticated"):
        yield f"answered {answer.status}"


def other_paths_are_not_there(target: Target) -> Problems:
    """a path that is no operation's is not found"""
    answer = ask("GET", f"{target.url}{PREFIX}/nothing-is-here")
    if not answer.is_problem(404, "not-found"):
        yield f"answered {answer.status}"


def other_methods_are_not_there(target: Target) -> Problems:
    """a method that a path does not have is named as such, with those that it has"""
    answer = ask("PATCH", f"{target.url}{PREFIX}/profile")
    if not answer.is_problem(405, "method-not-allowed"):
        yield f"answered {answer.status}"
    if "GET" not in answer.headers.get("allow", ""):
        yield "no header Allow says which"


def answers_are_private(target: Target) -> Problems:
    """answers are kept by nobody, and browsers are told to use HTTPS"""
    headers = ask("GET", f"{target.url}{PREFIX}/profile").headers
    for name, value in _SAFE.items():
        if headers.get(name) != value:
            yield f"{name} is {headers.get(name)}, not {value}"
    for name in (_FOR_BROWSERS, "x-request-id"):
        if not headers.get(name):
            yield f"{name} is missing"


def strange_pages_get_nothing(target: Target) -> Problems:
    """a page of a foreign origin may not read answers"""
    allowed = ask("OPTIONS", f"{target.url}{PREFIX}/profile", Origin=_STRANGE_ORIGIN).headers.get(
        "access-control-allow-origin"
    )
    if allowed:
        yield f"{allowed} is let in"


def forged_tokens_are_refused(target: Target) -> Problems:
    """a token that nobody signed is refused"""
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
    answer = ask("GET", f"{target.url}{PREFIX}/profile", Authorization=f"Bearer {head}.{body}.")
    if not answer.is_problem(401, "unauthenticated"):
        yield f"answered {answer.status}"


def http_leads_to_https(target: Target) -> Problems:
    """plain HTTP is redirected to HTTPS"""
    place = f"{target.url}{PREFIX}/profile"
    answer = ask("GET", place.replace("https://", "http://", 1))
    if answer.status not in (301, 308) or answer.headers.get("location") != place:
        yield f"answered {answer.status}, to {answer.headers.get('location')}"


def the_certificate_lasts(target: Target) -> Problems:
    """the certificate is valid, and for some days more"""
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


def there_is_no_back_door(target: Target) -> Problems:
    """no function answers at its own address"""
    for function in catalogue.load().functions.values():
        address = target.functions.replace("{function}", function.service)
        answer = ask("GET", f"{address}{PREFIX}/profile")
        # Google's front end answers 404 where the ingress keeps a request out, and 403 where IAM does.
        if answer.status not in (403, 404) or answer.headers.get("content-type") == "application/problem+json":
            yield f"{address} answered {answer.status}"


EVERYWHERE: tuple[Check, ...] = (
    strangers_are_refused,
    junk_is_refused,
    other_paths_are_not_there,
    other_methods_are_not_there,
    answers_are_private,
    strange_pages_get_nothing,
)
DEPLOYED: tuple[Check, ...] = (forged_tokens_are_refused, http_leads_to_https, the_certificate_lasts)
"""What the local stack has not: it takes unsigned tokens, and speaks HTTP."""


def main(arguments: list[str] | None = None) -> int:
    """Try everything; returns the exit code."""
    options = _parser().parse_args(arguments)
    target = Target(options.url.removesuffix(PREFIX), options.project, options.functions)
    deployed = DEPLOYED if target.url.startswith("https://") else ()
    checks = (*EVERYWHERE, *deployed, *([there_is_no_back_door] if target.functions else []))
    console = Console(highlight=False)
    wrong = [check for check in checks if not _holds(console, check, target)]
    console.print(f"{len(checks) - len(wrong)} of {len(checks)} hold at {target.url}", soft_wrap=True)
    return 1 if wrong else 0


def _holds(console: Console, check: Check, target: Target) -> bool:
    try:
        problems = list(check(target))
    except (urllib3.exceptions.HTTPError, OSError, ValueError, LookupError) as error:
        problems = [f"{type(error).__name__}: {error}"]
    mark = "[red]✗[/]" if problems else "[green]✓[/]"
    console.print(f"{mark} {check.__doc__}", soft_wrap=True)
    for problem in problems:
        console.print(f"    {problem}", markup=False, soft_wrap=True)
    return not problems


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.smoke", description=__doc__)
    parser.add_argument("url", help="where the API is: the output api_url")
    parser.add_argument("--project", default="", help="whose tokens the API takes; so that a forged one looks right")
    parser.add_argument(
        "--functions", default="", metavar="URL", help="the functions' own addresses: the output function_url"
    )
    return parser


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


if __name__ == "__main__":
    sys.exit(main())
