"""Names of administrative units, brought to one spelling so that they can be compared.

A name is cut into its kind (*xã*, *phường* …) and its base. The base is compared with tones first; so that the two
ways of placing a tone mark (*Hoà*, *Hòa*) do not matter, the key of a word carries its tone marks at the end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import pandas as pd

__all__ = [
    "Level",
    "NameKey",
    "clean_text",
    "normalise_name",
    "pair_names",
    "province_key",
    "readings",
    "without_diacritics",
]

Level = Literal["commune", "district", "province"]

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")  # grave, acute, tilde, hook above, dot below
# Eth and African d stand for đ in files typed with foreign keyboards; NFC leaves them as they are.
_LOOKALIKES = str.maketrans({"Ð": "đ", "ð": "đ", "Ɖ": "đ", "ɖ": "đ"})
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʻʹ`´′‵＇"), "")
_FOOTNOTES = dict.fromkeys(map(ord, "¹²³⁰⁴⁵⁶⁷⁸⁹†‡"), "")

# Each pattern runs over the text without diacritics; what stands after the prefix is the base.
_AFTER = r"(?:\s*[.:]\s*|\s+|(?=\d))(?=\S)"
_PREFIXES: dict[Level, re.Pattern[str]] = {
    "commune": re.compile(
        rf"(?:(?P<xã>xa|x)|(?P<phường>phuong|ph|p)|(?P<thị_trấn>thi\s*tran|t\.\s?t|tt)"
        rf"|(?P<đặc_khu>dac\s*khu|d\.\s?k|dk)){_AFTER}"
    ),
    "district": re.compile(
        rf"(?:(?P<huyện>huyen|h)|(?P<quận>quan|q)|(?P<thị_xã>thi\s*xa|t\.\s?x|tx)"
        rf"|(?P<thành_phố>thanh\s*pho|t\.\s?p|tp)){_AFTER}"
    ),
    "province": re.compile(rf"(?:(?P<tỉnh>tinh|t(?=\.))|(?P<thành_phố>thanh\s*pho|t\.\s?p|tp)){_AFTER}"),
}
_ABBREVIATIONS = frozenset({"tt", "tx", "tp", "đk"})
_OFFICE = re.compile(r"(?:ubnd|uy ban nhan dan|u\.b\.n\.d\.?)\s+")
_LIST_NUMBER = re.compile(r"(?:\(?\d+(?:\.\d+)*\s*[.)\]:\-–/]\s*(?=[^\W\d])|[-–—+*•▪·]+\s*)+")
_BARE_NUMBER = re.compile(r"(?:\d+|[ivxlc]+\s*[.)])\s+")  # taken off only before a kind
_FOOTNOTE = re.compile(r"(?:\s*(?:\*+|\(\d{1,2}\)|\[\d{1,2}\]))+$")
_KIND_BEHIND = re.compile(r"\s*(?:,\s*|\()(xa|x|phuong|p|thi tran|tt|dac khu|dk)\.?\)?$")
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})$")
_ROMAN_VALUES = {"x": 10, "v": 5, "i": 1}

# Spellings of provinces that no rule of letters brings together. Thừa Thiên Huế became Thành phố Huế on
# 1 January 2025 with the same territory.
_PROVINCES = {
    "hcm": "hochiminh", "tphcm": "hochiminh", "hcmc": "hochiminh", "daclac": "daklak", "darlac": "daklak",
    "dacnong": "daknong", "brvt": "bariavungtau", "tthue": "hue", "thuathienhue": "hue", "hcmcity": "hochiminh",
}  # fmt: skip


@dataclass(frozen=True)
class NameKey:
    """A name of a unit, ready to be compared.

    Attributes
    ----------
    kind : str
        ``"xã"``, ``"phường"``, ``"thị trấn"``, ``"đặc khu"`` (of districts ``"huyện"`` …), or empty.
    base : str
        The rest with its tones: lower case, words parted by one space, the tone marks of a word behind its letters.
    plain : str
        The base without any diacritics and without spaces.
    sure : bool
        The kind was written in full or as an abbreviation with its stop; False where the first word may as well
        belong to the name (``Phương Đông``, ``Xà Hồ``).
    """

    kind: str
    base: str
    plain: str
    sure: bool = True

    def __bool__(self) -> bool:
        return bool(self.plain)


def clean_text(value: Hashable) -> str:
    """Return a cell as text without outer spaces; a gap is an empty text."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return ""
    return str(value).strip()


def normalise_name(text: Hashable, level: Level = "commune") -> NameKey:
    """Bring the name of a unit to the form in which names are compared.

    Parameters
    ----------
    text : str or missing
        As a file has it: any case, tone placement, apostrophe, hyphen, abbreviation of the kind, list number.
    level : {"commune", "district", "province"}
        Which kinds may stand before the name.

    Returns
    -------
    NameKey
        The likeliest of :func:`readings`. A gap gives an empty key, which equals no unit.

    Examples
    --------
    >>> normalise_name("1. TT. Thuỷ Nguyên") == normalise_name("Thị trấn Thủy  Nguyên")
    True
    >>> normalise_name("P. 01").base, normalise_name("Phường I").base
    ('1', '1')
    """
    return readings(text, level)[0]


def readings(text: Hashable, level: Level = "commune") -> tuple[NameKey, ...]:
    """Return the ways to read a name: kind and base; and, where it has a kind, the whole as a base without kind.

    *Phường Đúc* is a ward called Đúc, or a ward of Huế whose name is *Phường Đúc*; only the list of units can tell.
    """
    return _readings(clean_text(text), level)


@lru_cache(maxsize=65536)
def _readings(text: str, level: Level) -> tuple[NameKey, ...]:
    toned = _fold(text)
    toned = toned[_start(_strip(toned), level) :]
    toned = toned[: len(toned) - len(match[0])] if (match := _FOOTNOTE.search(toned)) else toned
    plain = _strip(toned)
    if found := _PREFIXES[level].match(plain):
        kind = str(found.lastgroup).replace("_", " ")
        key = NameKey(kind, *_key(toned[found.end() :]), _is_sure(toned[: found.end()], kind))
        whole = NameKey("", *_key(toned))
        return (key, whole) if key.plain else (whole,)
    if level == "commune" and (found := _KIND_BEHIND.search(plain)) and found.start():
        kind = str(_PREFIXES["commune"].match(f"{found[1]} a").lastgroup).replace("_", " ")  # type: ignore[union-attr]
        return (NameKey(kind, *_key(toned[: found.start()])),)
    return (NameKey("", *_key(toned)),)


def _is_sure(prefix: str, kind: str) -> bool:
    """Tell whether a prefix can only be a kind: in full with its tones, or abbreviated with a stop, or glued (P1)."""
    word = prefix.strip(" .:")
    return _key(word)[0] == _key(kind)[0] or "." in prefix or not prefix[-1].isspace() or word in _ABBREVIATIONS


def _start(plain: str, level: Level) -> int:
    """Return where a name begins behind list numbers, bullets and *UBND*."""
    start = len(match[0]) if (match := _LIST_NUMBER.match(plain)) and match.end() < len(plain) else 0
    for pattern in (_BARE_NUMBER, _OFFICE):
        match = pattern.match(plain, start)
        if match and _PREFIXES[level].match(plain, match.end()):
            start = match.end()
    return start


def _fold(text: str) -> str:
    """Fold case, compatibility letters, invisible signs and apostrophes; each letter with its marks is one sign."""
    text = re.sub(r"\bN\.\s?T\b\.?", "NT ", text.translate(_FOOTNOTES).translate(_APOSTROPHES))
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LOOKALIKES)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFC", text).split())


def _strip(text: str) -> str:
    """Take the diacritics off; the result is as long as the text."""
    return "".join(unicodedata.normalize("NFD", sign)[0] for sign in text).replace("đ", "d")


def _key(text: str) -> tuple[str, str]:
    """Return base and plain form of a folded text."""
    words = _WORD.findall(text)
    if len(words) > 1 and words[0] == "nt":  # state farms that became towns: TT. NT Liên Sơn
        words = ["nông", "trường", *words[1:]]
    toned = [_tones_last(word) for word in words]
    bare = [without_diacritics(word) for word in words]
    if words:  # a number closes a name: Phường 01, Phường I
        toned[-1], bare[-1] = _number(toned[-1]), _number(bare[-1])
    return " ".join(toned), "".join(bare)


def without_diacritics(text: str) -> str:
    """Take every mark off the letters; đ becomes d."""
    return "".join(sign for sign in _strip(text) if not unicodedata.combining(sign))


def _tones_last(word: str) -> str:
    signs = unicodedata.normalize("NFD", word)
    letters = "".join(sign for sign in signs if sign not in _TONES)
    return unicodedata.normalize("NFC", letters) + "".join(sign for sign in signs if sign in _TONES)


def _number(word: str) -> str:
    if word.isascii() and word.isdigit():
        return str(int(word))
    if not _ROMAN.match(word):
        return word
    values = [_ROMAN_VALUES[sign] for sign in word]
    return str(sum(-v if any(w > v for w in values[i + 1 :]) else v for i, v in enumerate(values)))


@lru_cache(maxsize=4096)
def _province_key(text: str) -> str:
    plain = _readings(text, "province")[0].plain
    return _PROVINCES.get(plain, plain)


def province_key(text: Hashable) -> str:
    """Return the key of a province: its name without kind, diacritics and spaces. No two provinces share one."""
    return _province_key(clean_text(text))


def pair_names(wanted: Sequence[str], known: Sequence[str], level: Level) -> dict[str, str]:
    """Pair the names of one list with those of another, each at most once, and only where nothing else fits.

    Kind and name with tones first, then the name alone, then both without tones; always just one name of either list
    may read so: a *thị xã* that became a *thành phố* is paired, Kỳ Anh, which is both, is not.

    Returns
    -------
    dict
        Wanted name to known name; names without partner are absent.
    """
    pairs: dict[str, str] = {}
    left, right = [_forms(name, level) for name in wanted], [_forms(name, level) for name in known]
    for one, other in _STEPS:
        groups, partners = _group(wanted, left, one), _group(known, right, other)
        for form, names in groups.items():
            found = partners.get(form, set())
            if len(names) == len(found) == 1 and not names & pairs.keys() and not found & set(pairs.values()):
                pairs[next(iter(names))] = next(iter(found))
    return pairs


# What is compared, of the wanted and of the known name: 0 kind and name with tones, 1 name with tones, 2 kind and name,
# 3 name without tones; and the last two for the less likely reading (THI XA KY ANH, which has lost its marks).
_STEPS = ((0, 0), (1, 1), (2, 2), (4, 2), (3, 3), (5, 3))


def _forms(name: str, level: Level) -> tuple[object, ...]:
    first, *other = readings(name, level)
    likely, unlikely = (first, other[0] if other else first) if first.sure or not other else (other[0], first)
    return (
        (likely.kind, likely.base) if likely.kind else "",
        likely.base,
        (likely.kind, likely.plain) if likely.kind else "",
        likely.plain,
        (unlikely.kind, unlikely.plain) if unlikely.kind else "",
        unlikely.plain,
    )


def _group(names: Sequence[str], forms: Sequence[tuple[object, ...]], step: int) -> dict[object, set[str]]:
    groups: dict[object, set[str]] = {}
    for name, form in zip(names, forms, strict=True):
        if form[step]:
            groups.setdefault(form[step], set()).add(name)
    return groups
