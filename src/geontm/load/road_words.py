"""Reads the words of road layers: headers, classes, surfaces, yes and no; what it does not know stays unknown."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

import yaml

__all__ = ["RoadWords", "SurfaceWord", "Tally", "fold", "plain", "road_words"]

T = TypeVar("T")

_SAID = {"true": True, "false": False}
BOOLEANS = ("hardened", "all_season", "bridge", "working")
_NUMBERED = re.compile(r"^([^\W\d]+)(\d+[a-zđ]?\d*)$")


def fold(text: str) -> str:
    """Fold a word so that spellings compare: NFC, case, spaces and punctuation do not count; tones do."""
    folded = unicodedata.normalize("NFC", text).casefold()
    # Two ways of placing a tone are in use: hóa and hoá.
    folded = folded.replace("oá", "óa").replace("oà", "òa").replace("oả", "ỏa").replace("uỷ", "ủy")
    return "".join(letter for letter in folded if letter.isalnum())


def plain(word: str) -> str:
    """Take the marks off the letters of a folded word; đ becomes d."""
    signs = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(sign for sign in signs if not unicodedata.combining(sign))


@dataclass(frozen=True)
class SurfaceWord:
    """What a word of the surface column says: the surfaces it may be, and whether it is hardened."""

    name: str
    may_be: frozenset[str]
    hardened: bool | None

    @property
    def surface(self) -> str | None:
        """The surface, where the word leaves only one."""
        return next(iter(self.may_be)) if len(self.may_be) == 1 else None


@dataclass(frozen=True)
class RoadWords:
    """The vocabulary of ``data/roads.yaml``, by folded word.

    Attributes
    ----------
    headers : mapping of meaning to folded headers, in order of preference
    first : set of str
        Meanings for which the first header wins where the file has several.
    classes : mapping of folded word to road class
    osm : set of folded words
        Those that are values of OpenStreetMap's ``highway``.
    not_there : set of folded words
        Planned, under construction, given up.
    surfaces : mapping of folded word to SurfaceWord
    booleans : mapping of column to mapping of folded word to bool
    missing : set of folded words
    numbered : mapping of folded letters to road class
    """

    headers: Mapping[str, tuple[str, ...]]
    first: frozenset[str]
    classes: Mapping[str, str]
    osm: frozenset[str]
    not_there: frozenset[str]
    surfaces: Mapping[str, SurfaceWord]
    booleans: Mapping[str, Mapping[str, bool]]
    missing: frozenset[str]
    numbered: Mapping[str, str]

    def is_missing(self, text: str) -> bool:
        """Tell whether a cell says nothing."""
        return not fold(text) or fold(text) in self.missing

    def road_class(self, text: str) -> str | None:
        """Return the class that a word or a road's number (QL.4A) tells."""
        word = fold(text)
        if word in self.classes:
            return self.classes[word]
        number = _NUMBERED.match(word)
        return self.numbered.get(number[1]) if number else None

    def boolean(self, name: str) -> Callable[[str], bool | None]:
        """Return what reads yes and no in one column."""
        return lambda text: self.booleans[name].get(fold(text))


@dataclass
class Tally:
    """Turns the texts of one column into values, and counts those it does not know.

    Attributes
    ----------
    read : callable
        Text to value, None for a text that is not known.
    unknown, known : Counter
        Texts and how many cells had them.
    missing : int
        Cells that say nothing.
    """

    read: Callable[[str], Any]
    unknown: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    missing: int = 0

    def take(self, texts: Iterable[str | None], counts: Iterable[int]) -> list[Any]:
        """Read distinct texts, each met in so many cells; None where nothing is known."""
        values: list[Any] = []
        for text, count in zip(texts, counts, strict=True):
            if not count:
                values.append(None)
                continue
            if text is None or road_words().is_missing(text):
                self.missing += count
                values.append(None)
                continue
            value = self.read(text)
            (self.unknown if value is None else self.known)[text] += count
            values.append(value)
        return values


@lru_cache(maxsize=1)
def road_words() -> RoadWords:
    """Read the vocabulary that comes with geontm."""
    data = yaml.safe_load(files("geontm").joinpath("data", "roads.yaml").read_text(encoding="utf-8"))
    classes = {name: [*entry["words"], *entry["osm"]] for name, entry in data["road_class"].items()}
    surfaces = {
        SurfaceWord(name, frozenset(entry["may_be"]), entry["hardened"]): entry["words"]
        for name, entry in data["surface"].items()
    }
    return RoadWords(
        headers={name: tuple(_both(entry["words"])) for name, entry in data["headers"].items()},
        first=frozenset(name for name, entry in data["headers"].items() if entry.get("first")),
        classes=_inverted(classes),
        osm=frozenset(fold(word) for entry in data["road_class"].values() for word in entry["osm"]),
        not_there=frozenset(_both(data["not_there"]["words"])),
        surfaces=_inverted(surfaces),
        booleans={name: _yes_and_no(data, name) for name in BOOLEANS},
        missing=frozenset(_both(data["missing"])),
        numbered={word: name for letters, name in data["numbered"].items() for word in _both([letters])},
    )


def _yes_and_no(data: Mapping[str, Any], name: str) -> dict[str, bool]:
    return _inverted({said: [*data["boolean"][text], *data[name][text]] for text, said in _SAID.items()})


def _both(words: Iterable[str]) -> list[str]:
    """Fold words, each also as a file without diacritics writes it."""
    return list(dict.fromkeys(folded for word in words for folded in (fold(word), plain(fold(word)))))


def _inverted(words: Mapping[T, Iterable[str]]) -> dict[str, T]:
    """Map each folded word to its meaning; a word with diacritics outranks the plain form of another."""
    toneless = {plain(fold(word)): meaning for meaning, spelled in words.items() for word in spelled}
    return {**toneless, **{fold(word): meaning for meaning, spelled in words.items() for word in spelled}}
