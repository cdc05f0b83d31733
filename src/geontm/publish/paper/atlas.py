"""The atlas of a run: for each province a contents, then its communes or districts; the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Literal

from matplotlib.backends.backend_pdf import PdfPages

from geontm.messages import say, spelt_day
from geontm.publish.content import Content
from geontm.publish.offered import card_columns
from geontm.publish.paper.atlas_contents import Entry, draw_contents, lay_contents
from geontm.publish.paper.atlas_district import district_facts
from geontm.publish.paper.atlas_district_page import draw_district
from geontm.publish.paper.atlas_facts import Facts, facts_of
from geontm.publish.paper.atlas_map import AtlasMaps
from geontm.publish.paper.atlas_marks import Mark, add_marks
from geontm.publish.paper.atlas_page import PageNotes, draw_foot, draw_page
from geontm.publish.paper.atlas_parts import Part, parts_of
from geontm.publish.paper.atlas_pen import PagePen
from geontm.publish.paper.text import clean, drawing
from geontm.publish.paper.wording import ground_lines, sources_line, whole
from geontm.publish.theme import Origin, origin_of

__all__ = ["Unit", "write_atlas"]

Unit = Literal["commune", "district"]


def write_atlas(content: Content, folder: Path, *, by: Unit = "commune") -> list[Path]:
    """Write the atlas: a contents, then a page of A4 for each commune, or for each district before July 2025.

    Parameters
    ----------
    content : Content
    folder : Path
        The result folder; ``print`` is made in it.
    by : {"commune", "district"}
        A district has a page, and goes on overleaf where its communes or figures need it.

    Returns
    -------
    list of Path
        ``print/atlas.pdf``; where the run has several provinces, ``print/atlas-CODE.pdf`` for each, in the order of
        their codes. None where the run has no units.
    """
    written = []
    with drawing():
        for part in parts_of(content):
            path = folder / "print" / f"{part.stem}.pdf"
            path.parent.mkdir(exist_ok=True)
            _write_part(part, path, by)
            written.append(path)
    return written


def _write_part(part: Part, path: Path, by: Unit) -> None:
    content, lang = part.content, part.content.lang
    maps = AtlasMaps(part.land, lang)
    foot = " ".join((*_sources(content), *ground_lines(content, part.land)))
    notes = PageNotes(clean(content.title), _title(part), foot, content.notes.schematic, 0)
    facts: Sequence[Facts] = facts_of(content)
    drawn: Iterable[list[PagePen]]
    if by == "district":
        facts = district_facts(content, facts)
        ready = [draw_district(each, maps, notes) for each in facts]
        lengths, drawn = [len(pages) for pages in ready], ready
    else:
        lengths, drawn = [1] * len(facts), ([draw_page(each, maps, notes)] for each in facts)
    contents = lay_contents(list(_entries(facts, lengths, by)))
    before = len(contents.pages)
    notes = replace(notes, pages=before + sum(lengths))
    count = say(f"paper.atlas_count_{by}", lang, n=whole(len(facts), lang))
    told = say("paper.atlas_subtitle", lang, day=spelt_day(content.as_of, lang), count=count)
    about = {"CreationDate": None, "ModDate": None, "Creator": "geontm", "Producer": None}
    with PdfPages(path, metadata={**about, "Title": f"{notes.atlas} – {notes.title}"}) as pdf:
        for number in range(1, before + 1):
            pdf.savefig(draw_contents(contents, maps, notes, told, number=number).finish())
        for number, pen in enumerate((pen for pages in drawn for pen in pages), start=before + 1):
            draw_foot(pen, notes, lang, number=number)
            pdf.savefig(pen.finish())
    add_marks(path, _marks(contents.entries, before, say("paper.atlas_list", lang)))


def _title(part: Part) -> str:
    lang = part.content.lang
    if not part.name:
        return say("paper.atlas_title", lang)
    name = part.name[:1].lower() + part.name[1:] if lang == "vi" else part.name
    return say("paper.atlas_title_of", lang, name=name)


def _entries(facts: Sequence[Facts], lengths: Sequence[int], by: Unit) -> Iterator[Entry]:
    page = 0
    for each, length in zip(facts, lengths, strict=True):
        heading = each.district if by == "commune" else ""
        label = each.name if by == "district" else ""
        yield Entry(each.code, each.name, page, each.members, heading, label)
        page += length


def _marks(entries: Sequence[Entry], before: int, contents: str) -> list[Mark]:
    """Return the bookmarks: the contents, then every unit, below its district where it has one."""
    marks = [Mark(contents, 0)]
    for heading, group in groupby(entries, key=lambda each: each.heading):
        units = tuple(Mark(each.name, before + each.page) for each in group)
        marks += [Mark(heading, units[0].page, units)] if heading else units
    return marks


def _sources(content: Content) -> list[str]:
    """Name the files behind the figures of the pages, then those that something was measured from."""
    origins, told = [origin_of(content, column) for column in card_columns(content)], []
    for measured in (False, True):
        names = {name for origin in origins if origin.measured == measured for name in origin.sources}
        if names:
            told.append(sources_line(Origin((), tuple(sorted(names)), measured), content.lang))
    return told
