"""The one catalogue of everything a planner reads, in Vietnamese and English.

A text is found by its id, ``<file>.<key>``: ``project.file_missing`` stands in ``data/messages/project.yaml``::

    file_missing:
      vi: Không tìm thấy tệp {file}.
      en: There is no file {file}.
      fix:
        vi: Kiểm tra đường dẫn trong tệp dự án.
        en: Check the path in the project file.

``fix`` is optional and says what to do about it.
"""

from __future__ import annotations

import locale
import os
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Language = Literal["vi", "en"]

__all__ = ["Label", "Language", "Message", "catalogue", "language", "say", "spelt_day"]

# As safe, and ten times as fast, where libyaml is there.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def language() -> Language:
    """Tell the language of messages on the screen: that of ``LANG``; Vietnamese where no language is set."""
    for name in ("GEONTM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "vi" if value.lower().startswith("vi") else "en"
    spoken = locale.getlocale()[0] or "vi"
    return "vi" if spoken.lower().startswith(("vi", "vietnam")) else "en"


@dataclass(frozen=True)
class Label:
    """A text in both languages; as a value of a message it is filled in as the message's language has it."""

    vi: str
    en: str

    def __getitem__(self, lang: Language) -> str:
        return self.vi if lang == "vi" else self.en


@dataclass(frozen=True)
class Message:
    """One text of the catalogue with the values that fill it; rendered late, in the reader's language."""

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Language | None = None) -> str:
        """Return the text in ``lang`` (default: :func:`language`)."""
        lang = lang or language()
        return _fill(catalogue()[self.id][lang], self.values, lang)

    def fix(self, lang: Language | None = None) -> str:
        """Return what to do about it, or an empty string."""
        fix, lang = catalogue()[self.id].get("fix"), lang or language()
        return _fill(fix[lang], self.values, lang) if fix else ""


def say(message_id: str, lang: Language | None = None, /, **values: Any) -> str:
    """Return the text ``message_id`` in ``lang``, filled with ``values``."""
    return Message(message_id, values).text(lang)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, Any]]:
    """Read the whole catalogue: id to ``{"vi": …, "en": …, "fix": {"vi": …, "en": …}}``."""
    texts: dict[str, dict[str, Any]] = {}
    for path in sorted(files("geontm").joinpath("data", "messages").iterdir(), key=lambda entry: entry.name):
        if path.name.endswith(".yaml"):
            room = path.name.removesuffix(".yaml")
            entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}
            texts.update({f"{room}.{key}": entry for key, entry in entries.items()})
    return texts


_COMMA_FOR_POINT = str.maketrans(".,", ",.")


class _InVietnamese(string.Formatter):
    """Writes figures the Vietnamese way: 1.224.932,5."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        text = super().format_field(value, format_spec)
        figure = isinstance(value, int | float) and not isinstance(value, bool)
        return text.translate(_COMMA_FOR_POINT) if figure else text


def _fill(text: str, values: Mapping[str, Any], lang: Language) -> str:
    if not values:
        return text.format()
    values = {name: value[lang] if isinstance(value, Label) else value for name, value in values.items()}
    return _InVietnamese().vformat(text, (), values) if lang == "vi" else text.format_map(values)


def spelt_day(day: date, lang: Language) -> str:
    """Write a day: ``30/6/2026`` and ``01/02/2026`` as decrees do, ISO in English."""
    month = f"{day:%m}" if day.month < 3 else f"{day.month}"
    return f"{day:%d}/{month}/{day.year}" if lang == "vi" else day.isoformat()
