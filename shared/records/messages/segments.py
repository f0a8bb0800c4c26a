"""How many segments a text message has. Each is paid for.

160 characters of the GSM 7-bit alphabet fit into one segment, 153 into each of several; otherwise the text is sent as
UTF-16, of which 70 code units fit into one segment and 67 into each of several (3GPP TS 23.038 and 23.040).
"""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
"""Each takes two places."""


def is_gsm(text: str) -> bool:
    """True if the GSM 7-bit alphabet has every character."""
    return _BASIC.union(_EXTENDED).issuperset(text)


def segments(text: str) -> int:
    """The number of segments; an empty text has one."""
    if is_gsm(text):
        one, several = 160, 153
        widths = [2 if character in _EXTENDED else 1 for character in text]
    else:
        one, several = 70, 67
        widths = [2 if ord(character) > 0xFFFF else 1 for character in text]
    if sum(widths) <= one:
        return 1
    count, room = 1, several
    for width in widths:  # a character of two places is never divided
        if width > room:
            count, room = count + 1, several
        room -= width
    return count
