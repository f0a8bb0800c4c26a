"""The HTTP of the pages: `/api/v1/links/{clinic}/{token}`. GET and HEAD show a page, POST opens the link.

The URL has the secret of the link: no log line, header or other URL may have it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from flask import Request, Response

from shared import settings
from shared.lazily import lazily
from shared.records.problems import MethodNotAllowed, Problem
from shared.records.types import is_id
from shared.store.clinic import Clinic
from shared.store.context import SYSTEM_CALLER, RequestContext
from shared.web import PREFIX, health, logs
from shared.web.link_pages.texts import PageLanguage
from shared.web.request import origin_of
from shared.web.response import problem_response, with_common_headers
from shared.workflows.billing.bill_pages import BillPage
from shared.workflows.documents import PrintedDocument
from shared.workflows.links.opening import LinkPage
from shared.workflows.scheduling.visit_pages import VisitPage

with lazily(globals()):
    from shared.web import calendar_feeds
    from shared.web.link_pages import bill_page, visit_page
    from shared.web.link_pages import page as link_page
    from shared.web.link_pages.frame import content_security_policy
    from shared.workflows.links.opening import PageState
    from shared.workflows.links.visiting import Subjects, answer, look

Found = LinkPage | VisitPage | BillPage | PrintedDocument

_log = logging.getLogger("synapse.web")
PATH = f"{PREFIX}/links"
_METHODS = ("GET", "HEAD", "POST")
_LARGEST_FORM = 6_000
"""Bytes of a posted form."""
_MOST_FIELDS = 12
"""Fields of a posted form that are read."""
_FORM_TYPE = "application/x-www-form-urlencoded"
"""Other types, which a browser does not send from the page, count as an empty form."""
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow, noarchive", "Cross-Origin-Resource-Policy": "same-origin"}


def function(subjects: Subjects) -> Callable[[Request], Response]:
    """The entry point of a function that serves the links of these purposes."""
    settings.refuse_local_endpoints_in_the_cloud()
    health.install(f"{PATH}{health.PATH}", f"{calendar_feeds.PATH}{health.PATH}")

    def main(request: Request) -> Response:
        return _handle(subjects, request)

    return main


def _handle(subjects: Subjects, request: Request) -> Response:
    """Answer any request; whatever goes wrong is a page too."""
    logs.configure()
    started, trace = time.monotonic(), logs.trace_of(request)
    reset = logs.request_id.set(trace)
    try:
        of_calendar = request.path.startswith(f"{calendar_feeds.PATH}/")
        answered = calendar_feeds.answer(request, trace) if of_calendar else _answer(subjects, request, trace)
        response = with_common_headers(answered, trace)
        response.headers.update(_PRIVATE)
        milliseconds = round((time.monotonic() - started) * 1000)
        extra = {"method": request.method, "status": response.status_code, "milliseconds": milliseconds}
        _log.info("request", extra={**extra, "operation": "calendar" if of_calendar else "link"})
        return response
    finally:
        logs.request_id.reset(reset)


def _answer(subjects: Subjects, request: Request, trace: str) -> Response:
    if request.method not in _METHODS:
        return problem_response(MethodNotAllowed(_METHODS), trace)
    language = _language(request)
    try:
        found = _found(subjects, request, trace)
    except Problem as problem:
        return _page(_failed(language), language, problem.status)
    except Exception:
        _log.exception("unexpected error", extra={"operation": "link"})
        return _page(_failed(language), language, Problem.status)
    return _shown(found, language)


def _shown(found: Found, language: PageLanguage) -> Response:
    if isinstance(found, VisitPage):
        return _page(visit_page.html(found, language), language, visit_page.STATUS[found.state])
    if isinstance(found, BillPage):
        return _page(bill_page.html(found, language), language, bill_page.status_of(found))
    if isinstance(found, LinkPage):
        return _page(link_page.html(found, language), language, link_page.STATUS[found.state], found.retry_after)
    headers = {"Content-Disposition": f'inline; filename="{found.filename}"'}
    return Response(found.content, headers=headers, content_type="application/pdf")


def _failed(language: PageLanguage) -> str:
    return link_page.html(LinkPage(PageState.FAILED), language)


def _found(subjects: Subjects, request: Request, trace: str) -> Found:
    clinic_id, _, token = request.path.removeprefix(f"{PATH}/").partition("/")
    if not is_id(clinic_id):
        return LinkPage(PageState.UNKNOWN)
    origin = replace(origin_of(request, trace), purpose="link")
    clinic = Clinic(RequestContext(clinic_id, SYSTEM_CALLER, origin))
    if request.method != "POST":
        shown: LinkPage | VisitPage = look(clinic, token, subjects)
        return shown
    answered: Found = answer(clinic, token, _posted(request), subjects)
    return answered


def _posted(request: Request) -> Mapping[str, str]:
    """The fields of the posted form; none of a form that our page cannot have sent."""
    size = request.content_length  # a browser sends it
    if request.mimetype != _FORM_TYPE or size is None or size > _LARGEST_FORM:
        return {}
    try:
        fields = parse_qsl(request.get_data().decode(), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return dict(reversed(fields))  # of a field that comes twice, the first


def _page(html: str, language: PageLanguage, status: int, retry_after: int = 0) -> Response:
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = content_security_policy()
    response.headers["Content-Language"] = language.value
    response.vary.add("Accept-Language")
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _language(request: Request) -> PageLanguage:
    """The language that the visitor chose on the page, or else the best of those that the browser asks for."""
    known = [language.value for language in PageLanguage]
    asked = request.args.get("lang", "")
    best = asked if asked in known else request.accept_languages.best_match(known, default=PageLanguage.ENGLISH.value)
    return PageLanguage(best)
