"""``index.html``: what the result folder holds, as a plain page that opens without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import jinja2

from geontm.messages import catalogue, say
from geontm.publish.content import Content
from geontm.publish.styles import MapStyle

__all__ = ["write_gallery"]


def write_gallery(
    content: Content, folder: Path, *, maps: Mapping[str, MapStyle], without: Sequence[MapStyle], tables: Sequence[Path]
) -> Path:
    """Write the start page of a result.

    Parameters
    ----------
    maps : mapping of str to MapStyle
        Path of each map page, relative to ``folder``, and its style.
    without : sequence of MapStyle
        Maps that were asked for but have no figures to show; the page says so.
    tables : sequence of Path
        The table files, in the order to list.
    """
    lang = content.lang

    def words(key: str, **values: object) -> str:
        return say(f"publish.{key}", lang, **values)

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("geontm.publish.site").joinpath("index.html.j2").read_text(encoding="utf-8")
    page = environment.from_string(source).render(
        lang=lang,
        title=content.title,
        as_of=_day(content),
        n=f"{len(content.units):,}".replace(",", "." if lang == "vi" else ","),
        schematic=content.notes.schematic,
        illustrative=bool(content.illustrative & set(content.wide.columns)),
        source=content.notes.source[lang],
        fingerprint=content.fingerprint,
        counts={
            level: sum(issue.severity == level for issue in content.issues) for level in ("error", "warning", "info")
        },
        maps=[(path, style.title[lang], _size(folder / path, lang)) for path, style in maps.items()],
        without=[style.title[lang] for style in without],
        tables=[(path.name, say(_told_as(path), lang), _size(path, lang)) for path in tables],
        words=words,
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _told_as(path: Path) -> str:
    """Return the message that says what a file holds; a table without words of its own is still listed."""
    own = f"publish.file_{path.name.replace('.', '_')}"
    return own if own in catalogue() else "publish.file_other_csv"


def _day(content: Content) -> str:
    day = content.as_of
    month = f"{day:%m}" if day.month < 3 else f"{day.month}"  # 01/02/2026, 30/6/2026: as decrees write it
    return f"{day:%d}/{month}/{day.year}" if content.lang == "vi" else day.isoformat()


def _size(path: Path, lang: str) -> str:
    kilobytes = path.stat().st_size / 1_000
    text = f"{kilobytes / 1_000:.1f} MB" if kilobytes >= 1_000 else f"{max(1, round(kilobytes))} kB"
    return text.replace(".", ",") if lang == "vi" else text
