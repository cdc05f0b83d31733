"""``report.docx``: the report of a run, from the shipped template or one of an office."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from docx.shared import Mm

from geontm.messages import spelt_day
from geontm.publish.content import Content
from geontm.publish.offered import layers_with_data
from geontm.publish.spelt import unit_word
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.theme import Theme, theme_of
from geontm.publish.words.account import issue_kinds, issue_rows, issue_summary, marks, methods, notices
from geontm.publish.words.fields import Picture, PlacedMap, Report, specimen
from geontm.publish.words.finish import join_sections, keep_short_tables, number_captions, save, write_contents
from geontm.publish.words.overview import area_table, gap_rows, indicator_rows, priority_rows, source_rows
from geontm.publish.words.placing import UPRIGHT, room_of, size_mm
from geontm.publish.words.programme import programme_of
from geontm.publish.words.rulings import rule_set_results
from geontm.publish.words.summary import summary
from geontm.publish.words.template import Template, open_template, shipped_template
from geontm.publish.words.wording import figure, plain_text, words

__all__ = ["check_template", "report_of", "write_report"]


def write_report(
    content: Content,
    path: Path,
    *,
    template: Path | None = None,
    pictures: Mapping[str, Path | bytes] | None = None,
) -> Path:
    """Write the report of a run as a Word document.

    Parameters
    ----------
    content : Content
    path : Path
        Where to write; nothing is written where the template is refused.
    template : Path, optional
        Template of an office (``.docx`` with the fields of :class:`~geontm.publish.words.fields.Report`); without it
        the shipped one in the language of the run.
    pictures : mapping of str to Path or bytes, optional
        Maps as PNG, in the order of the report, named ``<map>-<layer>`` as the print maps are; what follows the
        layer (``-A4``) is not read. A picture under another name is placed with its name as caption.

    Returns
    -------
    Path
        ``path``. The same content, template and pictures give the same bytes.

    Raises
    ------
    PublishError
        The template is no Word document, too large, loads something from elsewhere, names an unknown field, or has a
        broken tag (``words.template_*``); the message names file, tag and remedy.
    """
    data = shipped_template(content.lang) if template is None else open_template(template)
    file = f"report.{content.lang}.docx" if template is None else str(template)
    Template(data, file).fill(_as_mapping(specimen()))
    filled = Template(data, file)
    filled.fill(_as_mapping(_cleaned(report_of(content, filled, pictures or {}))))
    document = filled.docx
    join_sections(document)
    keep_short_tables(document)
    number_captions(document)
    write_contents(document)
    title = plain_text(f"{content.title} – {words('report', content.lang)}")
    return save(document, path, title=title, day=content.as_of, lang=content.lang)


def check_template(path: Path) -> None:
    """Refuse a template as :func:`write_report` would, without figures and before they are worked out."""
    Template(open_template(path), str(path)).fill(_as_mapping(specimen()))


def report_of(content: Content, template: Template, pictures: Mapping[str, Path | bytes]) -> Report:
    """Work out every field of the report; pictures are drawn into ``template`` when it is filled."""
    lang, notes = content.lang, content.notes
    priority, priority_note = priority_rows(content)
    drawn = {
        name: picture if isinstance(picture, bytes) else picture.read_bytes() for name, picture in pictures.items()
    }
    room = room_of(drawn.values())
    issues, issues_left = issue_rows(content)
    return Report(
        title=content.title,
        day=spelt_day(content.as_of, lang),
        boundaries_day=spelt_day(notes.date, lang) if notes.date else words("undated", lang),
        boundaries=notes.source[lang],
        fingerprint=content.fingerprint,
        marks=marks(content),
        unit_count=figure(len(content.units), lang),
        many_provinces=content.units["province_code"].nunique() > 1,
        notices=notices(content),
        summary=summary(content),
        areas=area_table(content),
        priority=priority,
        priority_note=priority_note,
        indicators=indicator_rows(content),
        maps=tuple(_placed(content, template, name, picture, room) for name, picture in drawn.items()),
        maps_wide=room != UPRIGHT,
        rulesets=rule_set_results(content),
        programme=programme_of(content),
        methods=methods(content),
        sources=source_rows(content),
        gaps=gap_rows(content),
        issue_summary=issue_summary(content),
        issue_kinds=issue_kinds(content),
        issues=issues,
        issues_left=issues_left,
    )


def _placed(content: Content, template: Template, name: str, data: bytes, room: tuple[float, float]) -> PlacedMap:
    found = _layer(content, name)
    caption, source = (name, _boundaries(content)) if found is None else _told(content, *found)
    return PlacedMap(_picture(template, data, plain_text(caption), room), caption, source)


def _picture(template: Template, data: bytes, caption: str, room: tuple[float, float]) -> Picture:
    width, height = size_mm(data, room)

    def draw() -> str:
        inline = template.current_rendering_part.new_pic_inline(io.BytesIO(data), Mm(width), Mm(height))
        inline.docPr.set("descr", caption)
        run = f"<w:drawing>{inline.xml}</w:drawing></w:r><w:r>"
        return f'</w:t></w:r><w:r>{run}<w:t xml:space="preserve">'

    return Picture(draw)


def _layer(content: Content, name: str) -> tuple[MapStyle, LayerStyle] | None:
    """Find the layer of a map that a picture shows, by its name; the longest name that fits is meant."""
    found = [
        (len(layer.name), style, layer)
        for style in content.styles.values()
        for layer in layers_with_data(content, style)
        if f"{name}-".startswith(f"{style.name}-{layer.name}-")
    ]
    return max(found, key=lambda each: each[0])[1:] if found else None


def _told(content: Content, style: MapStyle, layer: LayerStyle) -> tuple[str, str]:
    """Write the caption of a map and the line below it: sources, years, boundaries, classes, what is unknown."""
    lang = content.lang
    theme = theme_of(content, style, layer)
    key = "map_caption_unit" if theme.unit else "map_caption"
    caption = words(key, lang, title=style.title[lang], label=theme.label[lang], unit=unit_word(theme.unit, lang))
    return caption, " ".join(filter(None, (*_origin(content, theme), _boundaries(content), *_warnings(content, theme))))


def _origin(content: Content, theme: Theme) -> list[str]:
    lang, told = content.lang, []
    origins = [axis.origin for axis in theme.axes] or [theme.origin]
    for measured, key in ((False, "map_source"), (True, "map_measured")):
        files = sorted({file for origin in origins if origin.measured is measured for file in origin.sources})
        told += [words(key, lang, sources=", ".join(files))] if files else []
    years = sorted({year for origin in origins for year in origin.years})
    told += [words("map_years", lang, years=", ".join(map(str, years)))] if years else []
    return [*told, *map(_ended, theme.method_lines(lang))]


def _ended(line: str) -> str:
    return line if line.endswith(".") else f"{line}."


def _boundaries(content: Content) -> str:
    lang, notes = content.lang, content.notes
    if notes.date is None:
        return words("map_boundaries_undated", lang, source=notes.source[lang])
    return words("map_boundaries", lang, source=notes.source[lang], day=spelt_day(notes.date, lang))


def _warnings(content: Content, theme: Theme) -> list[str]:
    lang = content.lang
    told = [words("map_unknown", lang, n=theme.unknown, missing=theme.missing[lang])] if theme.unknown else []
    constructed = theme.illustrative or any(axis.illustrative for axis in theme.axes)
    told += [words("map_illustrative", lang)] if constructed else []
    told += [words("map_schematic", lang)] if content.notes.schematic else []
    return told


def _as_mapping(report: Report) -> dict[str, Any]:
    return {each.name: getattr(report, each.name) for each in fields(report)}


def _cleaned(value: Any) -> Any:
    """Return a record with every text made fit for a document."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, tuple):
        return tuple(map(_cleaned, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{each.name: _cleaned(getattr(value, each.name)) for each in fields(value)})
    return value
