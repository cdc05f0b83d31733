"""How figures, days and texts from files are written in Word documents."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from geontm.messages import Language, say
from geontm.publish import spelt

__all__ = ["figure", "lower_first", "plain_text", "share", "share_text", "upper_first", "words"]

# Marks that turn the direction of writing: a name could show another name than it holds.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[ \t\r\n\f\v\x07\u2028\u2029]+")
# XML 1.0 has no place for these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def words(key: str, lang: Language, /, **values: object) -> str:
    """Return a text of ``words.yaml``."""
    return say(f"words.{key}", lang, **values)


def figure(value: object, lang: Language, digits: int = 2, *, fixed: bool = False) -> str:
    """Write a number with at most, or ``fixed``, ``digits`` decimals; unknown is told in words, never as 0."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return words("no_data", lang)
    return spelt.figure(float(value), lang, digits, fixed=fixed)  # type: ignore[arg-type]


def share(part: int, whole: int, lang: Language) -> str:
    """Write a part of a whole in percent; an empty whole has no parts."""
    return spelt.with_unit(figure(100 * part / whole, lang, 1), "%", lang) if whole else "–"


def share_text(value: object, lang: Language) -> str:
    """Write a percentage with at most one decimal."""
    return spelt.with_unit(figure(value, lang, 1), "%", lang)


def plain_text(text: str) -> str:
    """Return a text from a file as a document can hold it, on one line.

    Marks that turn the direction of writing are left out; a character that XML forbids becomes ``�``, so that its
    loss is seen; spaces, tabs and line ends become one space.
    """
    one_line = _SPACES.sub(" ", _TURNS.sub("", text))
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("\ufffd", one_line)).strip()


def upper_first(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Let a label stand within a sentence; an abbreviation (*TL*, *GRDP*) stays as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
