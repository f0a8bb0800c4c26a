"""The outbox: every mail and text message that was sent, newest first, as a page or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape

from werkzeug import Request, Response

from local.services.kit.service import LocalService
from local.services.smtp.relay import shown
from local.services.smtp.service import SmtpService
from local.services.twilio.service import TwilioService

SENT = "/emulator/sent"
"""The path of the page."""
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sent messages</title>
<style>body {{ font: 1rem/1.4 sans-serif; max-width: 45rem; margin: 1rem auto; padding: 0 1rem }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid; padding: .5rem; unicode-bidi: plaintext }}
</style>
<h1>Sent messages</h1>
<p>Nothing leaves this machine. Reload for newer ones.</p>
{parts}
</html>
"""


class OutboxService(LocalService):
    """Serves the page at the gateway's address."""

    name = "outbox"

    def start(self) -> None:
        self.context.mount([SENT], Request.application(self._answer))

    def _answer(self, request: Request) -> Response:
        mails = [shown(one) for one in reversed(self.context.service(SmtpService).relay.mails())]
        texts = [
            {"to": one.to, "text": one.body, "status": one.status}
            for one in reversed(self.context.service(TwilioService).messages.to())
        ]
        if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
            return Response(json.dumps({"mails": mails, "text_messages": texts}), mimetype="application/json")
        parts = _section("Mails", mails) + _section("Text messages", texts)
        return Response(_PAGE.format(parts=parts), mimetype="text/html")


def _section(title: str, messages: list[Mapping[str, str]] | list[dict[str, str]]) -> str:
    items = "".join(_item(one) for one in messages) or "<p>None.</p>"
    return f"<h2>{title}</h2>{items}"


def _item(message: Mapping[str, str]) -> str:
    head = " · ".join(f"{escape(name)}: {escape(value)}" for name, value in message.items() if name != "text")
    return f"<p>{head}</p><pre>{escape(message['text'])}</pre>"
