"""How figures, units and names of places are written for people: one rule for pages, paper, documents and workbooks.

Vietnamese has a decimal comma and a point between thousands, English the reverse; ``%`` stands at its figure in both,
as decrees print it (*66,7%*), any other unit after a space that does not break. Counts have no decimals.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

from geontm.law.words import say_unit as unit_word
from geontm.messages import Language, say
from geontm.publish.content import measure_of
from geontm.tables import Column

__all__ = ["amount", "decimals", "figure", "in_sentence", "kinds_of", "unit_of", "unit_word", "units_of",
           "with_unit"]  # fmt: skip

_SWAP = str.maketrans(",.", ".,")
_WIDE = Context(prec=400)
_LEAST = 12  # digits after the point that a figure is looked at for its first one that is not zero
# Counted one by one, even where a raster or a mean gives parts of them.
_COUNTED = frozenset(
    ("người", "hộ", "thôn", "xã", "tỉnh", "trường", "nhà", "mô hình", "lĩnh vực", "công trình", "tiêu chí")
)
# Common nouns of units; a sentence writes them small.
_NOUNS = ("Tỉnh", "Thành phố", "Quận", "Huyện", "Thị xã", "Xã", "Phường", "Thị trấn", "Đặc khu")
# Decree 30/2020/NĐ-CP, annex II: exceptions that keep their capital.
_CAPITAL = frozenset(("Thành phố Hồ Chí Minh",))
_KINDS = {"xã": "commune", "phường": "ward", "thị trấn": "township", "đặc khu": "zone"}


def unit_of(column: Column) -> str:
    """Return the unit that a column is shown in: its own; ``%`` for shares, which tables keep from 0 to 1."""
    return "%" if measure_of(column.name).endswith("_share") else column.unit


def decimals(column: Column) -> int:
    """Return how many digits after the point a column is shown with, at most.

    Whole numbers and what is counted: none, their medians and means among them. Shares: one. Percentages: two, as
    poverty rates are published. Kilometres: two; scores and densities: three; all else, minutes and metres too: one.
    """
    unit, name = unit_of(column), column.name
    if column.type == "integer" or unit in _COUNTED:
        return 0
    if name.endswith(("_score", "_score_low", "_score_high")) or ("/" in unit and unit.startswith("km")):
        return 3
    if unit in ("km", "km²"):
        return 2
    return 2 if unit == "%" and column.unit == "%" else 1


def figure(value: float, lang: Language, digits: int = 2, *, fixed: bool = False) -> str:
    """Write a known number with at most, or ``fixed``, ``digits`` decimals; half is rounded up, as workbooks do.

    A figure that these decimals would make zero is written to its first digit: *0,004*, never *0*.
    """
    number = float(value)
    text = f"{Decimal(repr(number)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _WIDE):,f}"
    if digits and number and not text.strip("-0.,"):
        text, fixed = f"{float(f'{number:.1g}'):,.{_LEAST}f}", False
    if "." in text and not fixed:
        text = text.rstrip("0").rstrip(".")
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    return text.translate(_SWAP) if lang == "vi" else text


def with_unit(text: str, unit: str, lang: Language) -> str:
    """Put a unit behind a figure: *66,7%*, *12 km*; nothing where there is none."""
    if not unit or not text:
        return text
    return f"{text}%" if unit == "%" else f"{text}\u00a0{unit_word(unit, lang)}"


def amount(value: float, column: Column, lang: Language) -> str:
    """Write a known value of a column, as it is shown (shares in percent), with its decimals and its unit."""
    return with_unit(figure(value, lang, decimals(column)), unit_of(column), lang)


def in_sentence(name: str, lang: Language) -> str:
    """Write the name of a unit as it stands within a sentence: *của tỉnh Quảng Ninh*, *of Quảng Ninh province*.

    As Decree 30/2020/NĐ-CP writes them, annex II: the common noun is small; *Thủ đô Hà Nội*, *Thành phố Hồ Chí Minh*
    and a noun before a number (*Phường 1*) keep their capital. English has its own word for provinces and cities; other
    units keep their Vietnamese name.
    """
    noun = next((each for each in _NOUNS if name.startswith(f"{each} ")), "")
    rest = name.removeprefix(noun).strip()
    if lang == "en":
        key = {"Tỉnh": "province", "Thành phố": "city"}.get(noun)
        return say(f"publish.place_{key}", lang, name=rest) if key and rest else name
    if not noun or name in _CAPITAL or rest[:1].isdigit():
        return name
    return f"{noun.lower()} {rest}"


def kinds_of(kinds: Iterable[object], lang: Language) -> str:
    """Name the kinds of units that occur, the usual order: *xã, phường*, *communes and wards*.

    Empty where a unit has no kind or another one: then they are just units.
    """
    found = {str(kind).strip().casefold() for kind in kinds}
    if not found or not found <= set(_KINDS):
        return ""
    words = [say(f"publish.kind_{key}", lang) for kind, key in _KINDS.items() if kind in found]
    if lang == "vi" or len(words) == 1:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def units_of(kinds: Iterable[object], lang: Language) -> str:
    """Count units, given the kind of each, and name the kinds: *54 xã, phường*; just units where one has none."""
    each = list(kinds)
    n, named = figure(len(each), lang, 0), kinds_of(each, lang)
    return f"{n} {named}" if named else say("publish.page_units", lang, n=n)
