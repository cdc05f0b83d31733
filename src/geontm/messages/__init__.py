"""The one catalogue of everything a planner reads, in Vietnamese and English.

A text is found by its id, ``<file>.<key>``: ``load.file_missing`` stands in ``data/messages/load.yaml``::

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
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Language = Literal["vi", "en"]

__all__ = ["Language", "Message", "catalogue", "language", "say"]


def language() -> Language:
    """Tell the language of messages on the screen: that of ``LANG``; Vietnamese where no language is set."""
    for name in ("GEONTM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "vi" if value.lower().startswith("vi") else "en"
    spoken = locale.getlocale()[0] or "vi"
    return "vi" if spoken.lower().startswith(("vi", "vietnam")) else "en"


@dataclass(frozen=True)
class Message:
    """One text of the catalogue with the values that fill it; rendered late, in the reader's language."""

    id: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, lang: Language | None = None) -> str:
        """Return the text in ``lang`` (default: :func:`language`)."""
        return _fill(catalogue()[self.id][lang or language()], self.values)

    def fix(self, lang: Language | None = None) -> str:
        """Return what to do about it, or an empty string."""
        fix = catalogue()[self.id].get("fix")
        return _fill(fix[lang or language()], self.values) if fix else ""


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
            entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            texts.update({f"{room}.{key}": entry for key, entry in entries.items()})
    return texts


def _fill(text: str, values: Mapping[str, Any]) -> str:
    return text.format_map(values) if values else text.format()
