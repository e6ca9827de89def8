"""Characters that nobody sees: taken out of names, and named where a message quotes what was found."""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def _is_unseen(sign: str) -> bool:
    """Whether a character is a control, a format or a surrogate character, or one that Unicode will never assign."""
    number = ord(sign)
    never = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    return never or unicodedata.category(sign) in _UNSEEN


def has_unseen(text: str) -> bool:
    """Whether a text holds characters that do not show."""
    return not text.isprintable() and any(map(_is_unseen, text))


def plain_text(text: str) -> str:
    """A text without characters that do not show, and with single spaces; a tab or line break parts words."""
    if text.isprintable():
        return " ".join(text.split())
    shown = (" " if sign.isspace() else "" if _is_unseen(sign) else sign for sign in text)
    return " ".join("".join(shown).split())


def quoted(text: str) -> str:
    """A text in quotation marks for a message, in which what does not show, or may pass for a letter, is named.

    "RVV" and a zero-width space give 'RVV<U+200B ZERO WIDTH SPACE>'.
    """
    return f"'{''.join(sign if sign.isascii() and sign.isprintable() else _name(sign) for sign in text)}'"


def _name(sign: str) -> str:
    return f"<{f'U+{ord(sign):04X} {unicodedata.name(sign, str())}'.strip()}>"
