"""Mappings of a YAML file that know their lines, so that a reader of rules can name the place of a mistake."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from geontm.errors import GeontmError
from geontm.project.yaml_files import Document, nearest

__all__ = ["Located", "Place", "locate", "nearest_or_all"]


class Located(dict[str, Any]):
    """A mapping read from YAML: ``line`` where it stands, ``lines`` where each key stands; both count from 1."""

    line: int
    lines: dict[str, int]


@dataclass(frozen=True)
class Place:
    """A file, the error it raises, and the file of the catalogue that says what is wrong."""

    file: str
    error: type[GeontmError]
    room: str

    def fail(self, key: str, line: int, /, **values: Any) -> GeontmError:
        """Make the error ``<room>.<key>`` at a line of the file."""
        return self.error(f"{self.room}.{key}", where=f"{self.file}:{line}", **values)

    def require_keys(self, found: Located, known: Collection[str], required: Collection[str] = ()) -> None:
        """Refuse a key that is not known, naming the nearest that is, and a required key that is not there."""
        for name in found:
            if name not in known:
                raise self.fail("unknown_key", found.lines[name], key=name, nearest=nearest_or_all(name, known))
        for name in required:
            if name not in found:
                raise self.fail("key_missing", found.line, key=name)


def locate(document: Document, place: Place) -> Any:
    """Return the values of a YAML document with every mapping as :class:`Located`.

    Raises
    ------
    GeontmError
        Of the kind of ``place``: a key is not text (bare ``no`` is false in YAML).
    """
    return _locate(document.data, (), document, place)


def nearest_or_all(word: str, known: Collection[str]) -> str:
    """Name the known word nearest to a misspelt one; all of them where none is near."""
    return nearest(word, known) or ", ".join(sorted(known))


def _locate(value: Any, at: tuple[str | int, ...], document: Document, place: Place) -> Any:
    if isinstance(value, list):
        return [_locate(item, (*at, number), document, place) for number, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    found = Located()
    found.line, found.lines = document.line(at), {}
    for key, inner in value.items():
        if not isinstance(key, str):
            raise place.fail("key_not_text", found.line, key=key)
        found[key] = _locate(inner, (*at, key), document, place)
        found.lines[key] = document.line((*at, key))
    return found
