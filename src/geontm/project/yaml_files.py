"""Reads one YAML file safely and remembers the line of every key, so that a message can name it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from geontm.errors import ProjectError, SourceError

__all__ = ["Document", "nearest", "read_yaml"]

Place = tuple[str | int, ...]
MAX_BYTES = 5_000_000
MAX_NODES = 200_000


@dataclass(frozen=True)
class Document:
    """The plain values of a YAML file with the line of each."""

    path: Path
    data: Any
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Return the line (from 1) of a key; of its nearest ancestor where the key itself is absent."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def where(self, place: Place = ()) -> str:
        """Return ``file:line (a → b)`` for a message."""
        keys = " → ".join(str(part) for part in place)
        return f"{self.path.name}:{self.line(place)}" + (f" ({keys})" if keys else "")


def read_yaml(path: Path) -> Document:
    """Read a YAML file with the safe loader.

    Raises
    ------
    SourceError
        The file is missing, not UTF-8, or larger than 5 MB.
    ProjectError
        It is not YAML, a key stands twice or is no text, a value is no such date or of a kind that is not plain data,
        or it uses nesting or anchors to grow without bound.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="utf-8-sig") if size <= MAX_BYTES else ""
    except FileNotFoundError:
        raise SourceError("project.file_missing", where=path, file=path.name) from None
    except IsADirectoryError:
        raise SourceError("project.is_folder", where=path, file=path.name) from None
    except (UnicodeDecodeError, OSError) as reason:
        raise SourceError("project.not_utf8", where=path, file=path.name) from reason
    if size > MAX_BYTES:
        raise SourceError("project.too_large", where=path, file=path.name, megabytes=MAX_BYTES // 1_000_000)
    lines: dict[Place, int] = {}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            _walk(root, (), lines, path)
        return Document(path, yaml.safe_load(text), lines)
    except yaml.YAMLError as reason:
        mark = getattr(reason, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ProjectError("project.not_yaml", where=f"{path}:{line}", line=line) from None
    except RecursionError:
        raise ProjectError("project.too_many_entries", where=path) from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is closest in spelling, or an empty string."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), "")


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], path: Path) -> None:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if len(lines) > MAX_NODES:
        raise ProjectError("project.too_many_entries", where=path)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ProjectError("project.key_not_text", where=f"{path.name}:{at}", key="[…]")
            name = str(key.value)
            if name in seen:
                raise ProjectError("project.duplicate_key", where=f"{path.name}:{at}", key=name)
            seen.add(name)
            lines[(*place, name)] = at
            _walk(value, (*place, name), lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _walk(item, (*place, number), lines, path)
    else:
        _require_value(node, f"{path.name}:{line}")


def _require_value(node: yaml.Node, where: str) -> None:
    """Refuse a value that looks like a date or a number and is none: 2026-02-30, a number of 5,000 digits."""
    try:
        yaml.constructor.SafeConstructor().construct_object(node)
    except (ValueError, LookupError, AttributeError, TypeError):
        raise ProjectError("project.no_such_value", where=where, value=str(node.value)[:80]) from None
