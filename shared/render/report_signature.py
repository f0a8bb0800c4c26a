"""The block of a signature, and times as they are printed. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.render.blocks import Box, Row, Tone, Weight
from shared.render.documents import SignatureBlock
from shared.render.formats import key_and_version, wall_clock
from shared.render.words.vocabulary import Words


def moment(at: datetime, zone: str, words: Words) -> str:
    """`4 November 2026, 15:42 IST`."""
    return wall_clock(at, zone, words.long_date)


def utc_and_local(at: datetime, zone: str, words: Words) -> str:
    """The clinic's wall clock with its zone, and on a second line UTC, which no change of a zone's rules moves."""
    return f"{moment(at, zone, words)} ({zone})\n{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def signature_box(signature: SignatureBlock, zone: str, words: Words, title: str = "") -> Box:
    """Who signed, as what, when and with which key, and how that is verified."""
    labels = words.signature
    return Box(
        title or labels.title,
        rows=(
            Row(labels.name, signature.printed_name, Weight.BOLD),
            Row(labels.licence, signature.licence_number),
            Row(labels.account, signature.account_id),
            Row(labels.confirmed, _confirmation(signature, zone, words)),
            Row(labels.meaning, signature.meaning),
            Row(labels.signed, utc_and_local(signature.signed_at, zone, words)),
            Row(labels.key, _key(signature.key_version, words), Weight.FINE),
            Row(labels.digest, signature.content_digest, Weight.FINE),
            Row(labels.signature, signature.signature, Weight.FINE),
            Row(labels.to_verify, labels.how_to_verify, Weight.FINE),
        ),
        tone=Tone.SIGNED,
    )


def _confirmation(signature: SignatureBlock, zone: str, words: Words) -> str:
    """Who confirmed the signer's name and licence number, and when."""
    labels = words.signature
    admin = labels.the_signer if signature.confirmed_by == signature.account_id else signature.confirmed_by
    return labels.confirmation.format(admin=admin, when=moment(signature.confirmed_at, zone, words))


def _key(resource: str, words: Words) -> str:
    found = key_and_version(resource)
    return words.signature.key_version.format(key=found[0], version=found[1]) if found else resource
