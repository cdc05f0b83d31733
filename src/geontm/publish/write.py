"""Writes everything that is published of a run into one folder, the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from geontm.errors import PublishError
from geontm.messages import say
from geontm.publish.content import Content
from geontm.publish.parts import PARTS, Part
from geontm.publish.products import Products
from geontm.publish.result_tables import write_issues, write_tables
from geontm.publish.styles import MapStyle
from geontm.tables import Issue

if TYPE_CHECKING:
    from geontm.publish.web.payload import Drawing, Kept

__all__ = ["map_html", "write_parts", "write_run"]

Step = Callable[[str], None]
THUMBNAIL_PX = 640


def _quiet(_: str) -> None:
    """Say nothing."""


def write_run(
    content: Content, folder: Path, products: Products, *, step: Step = _quiet, kept: Kept | None = None
) -> list[Path]:
    """Write everything that is published of a run into an existing, empty folder.

    Parameters
    ----------
    content : Content
    folder : Path
        See :func:`geontm.publish.swap.result_folder`.
    products : Products
        ``products.maps`` are names in ``content.styles``, in the order of the start page.
    step : callable
        Told what begins, for a progress display.
    kept : Kept, optional
        Where packed outlines are kept between runs.

    Returns
    -------
    list of Path
        Every file written. The same content gives the same bytes.

    Raises
    ------
    PublishError
        A map is not known (``publish.unknown_map``), or a page would load something (``publish.not_vendored``).
    """
    return write_parts(content, folder, products, parts=PARTS, step=step, kept=kept)


def write_parts(
    content: Content,
    folder: Path,
    products: Products,
    *,
    parts: Collection[Part],
    only: Collection[str] = (),
    step: Step = _quiet,
    kept: Kept | None = None,
) -> list[Path]:
    """Write some parts of a run; the start page and the issues come with each, for they tell of all.

    Parameters
    ----------
    content, folder, products, step, kept
        As in :func:`write_run`; the folder holds the other parts already (:func:`geontm.publish.parts.stays`).
    parts : collection of {"tables", "maps", "report"}
    only : collection of str
        Of the project's maps, those to make.

    Returns
    -------
    list of Path
        Every file written.

    Raises
    ------
    PublishError
        As :func:`write_run`.
    """
    from geontm.publish.site.gallery import write_gallery

    styles = [_style(content, name) for name in products.maps]
    drawing = _outlines(content, styles, step=step, kept=kept)
    drawings = [drawing]
    if drawing is not None and content.former is not None:
        step(say("former.step", name=content.former.title))
        drawings.append(_outlines(content.former, styles, step=step, kept=kept))
    told = [*_told(content, products, styles), *_told_of_outlines(content, drawings)]
    content = replace(content, issues=(*content.issues, *told))
    written: list[Path] = []
    if "tables" in parts:
        written += write_tables(content, folder)
    if "maps" in parts:
        written += _write_maps(content, folder, products, only=only, drawings=drawings, step=step)
    if "report" in parts:
        written += _write_report(content, folder, products, step=step)
    written.append(write_issues(content, folder / "issues.csv"))
    return [write_gallery(content, folder, products), *written]


def map_html(
    content: Content,
    name: str,
    *,
    drawing: Drawing | None = None,
    former: Content | None = None,
    then: Drawing | None = None,
    kept: Kept | None = None,
) -> str:
    """Return one map as a page of its own.

    Parameters
    ----------
    name : str
        Name of a map in ``content.styles``.
    drawing : Drawing, optional
        Geometry made before for the same content; several maps of a run share one.
    former : Content, optional
        The same figures on boundaries before a reform: a switch on the page changes between both, with common classes.
    then : Drawing, optional
        Geometry made before for the former content.
    kept : Kept, optional
        Where packed outlines are kept between runs.

    Raises
    ------
    PublishError
        The map is not known (``publish.unknown_map``), or no column of it has a figure, in one of both eras
        (``publish.map_without_data``).
    """
    from geontm.publish.offered import layers_with_data
    from geontm.publish.web.eras import join_heads, themes_of_both
    from geontm.publish.web.layer import map_page
    from geontm.publish.web.payload import draw, payload

    style = _style(content, name)
    for each in (content, *((former,) if former is not None else ())):
        if not layers_with_data(each, style):
            raise PublishError("publish.map_without_data", where=name, name=style.title)
    drawing = drawing or draw(content, kept=kept)
    title = f"{style.title[content.lang]} – {content.title}"
    if former is None:
        return map_page(payload(content, style, drawing), drawing.packed, title=title, lang=content.lang)
    themes, themes_then = themes_of_both(content, former, style)
    then = then or draw(former, kept=kept)
    head = payload(content, style, drawing, themes=themes)
    head = join_heads(head, payload(former, style, then, themes=themes_then), len(drawing.packed))
    return map_page(head, drawing.packed + then.packed, title=title, lang=content.lang)


def _style(content: Content, name: str) -> MapStyle:
    if name not in content.styles:
        raise PublishError("publish.unknown_map", where=name, name=name, known=", ".join(content.styles))
    return content.styles[name]


def _told(content: Content, products: Products, styles: list[MapStyle]) -> list[Issue]:
    """Tell what is asked for and cannot be made, or not whole; the planner finds it in the issues of the run."""
    from geontm.publish.left_layers import layers_left
    from geontm.publish.offered import layers_with_data, left_out
    from geontm.publish.paper.plane import has_outlines
    from geontm.publish.web.overlays import overlays_of

    told = []
    drawn = [style for style in styles if layers_with_data(content, style)]
    for style in styles:
        if style not in drawn:
            told.append(Issue.of("warning", "publish.map_without_data", value=style.name, name=style.title))
            continue
        if content.former is not None and not layers_with_data(content.former, style):
            told.append(Issue.of("info", "former.without_figures", value=style.name, name=style.title))
        told += layers_left(content, style)
        if left := left_out(content, style):
            named = {"value": ", ".join(left), "name": style.title, "most": style.most, "n": len(left)}
            told.append(Issue.of("info", "publish.map_layers_left", **named))
    if drawn:
        told += [issue for overlay in overlays_of(content) if (issue := overlay.issue)]
    if products.print and not drawn:
        told.append(Issue.of("warning", "site.print_without_maps", column="print"))
    elif products.print and not has_outlines(content):
        told.append(Issue.of("warning", "site.print_without_outlines", column="print"))
    if products.atlas == "district" and not _has_districts(content):
        told.append(Issue.of("warning", "site.atlas_without_districts", column="atlas", value="district"))
    return told


def _told_of_outlines(content: Content, drawings: Sequence[Drawing | None]) -> Iterator[Issue]:
    """Tell what is odd in the outlines of both eras; codes of the former one are told under its name."""
    files = ("", content.former.title if content.former is not None else "")
    for file, drawing in zip(files, drawings, strict=False):
        if drawing is not None:
            yield from (replace(issue, file=file) for issue in drawing.issues)


def _has_districts(content: Content) -> bool:
    return "district_code" in content.units and bool(content.units["district_code"].notna().any())


def _outlines(content: Content, styles: list[MapStyle], *, step: Step, kept: Kept | None) -> Drawing | None:
    """Pack the outlines once for all pages, where there is one; what is odd in them is told with every part."""
    from geontm.publish.offered import layers_with_data
    from geontm.publish.web.payload import draw

    if not any(layers_with_data(content, style) for style in styles):
        return None
    step(say("site.step_outlines"))
    return draw(content, kept=kept)


def _write_maps(
    content: Content,
    folder: Path,
    products: Products,
    *,
    only: Collection[str],
    drawings: Sequence[Drawing | None],
    step: Step,
) -> list[Path]:
    """Write layers for QGIS, then pages, sheets, atlas and thumbnails of the maps that have figures."""
    from geontm.publish.gis.geopackage import write_geopackage
    from geontm.publish.offered import layers_with_data
    from geontm.publish.paper.atlas import write_atlas
    from geontm.publish.paper.files import write_sheets
    from geontm.publish.paper.thumbnail import thumbnail

    styles = [content.styles[name] for name in products.maps]
    drawn = [style for style in styles if (not only or style.name in only) and layers_with_data(content, style)]
    step(say("site.step_gis"))
    written = [write_geopackage(content, folder / "result.gpkg", maps=styles)]
    if drawn:
        written += _write_pages(content, folder, drawn, drawings=drawings, step=step)
    if drawn and products.print:
        step(say("site.step_print"))
        written += write_sheets(content, folder, drawn, products.print)
    if not only and (products.atlas == "commune" or (products.atlas and _has_districts(content))):
        step(say("paper.atlas_step"))
        written += write_atlas(content, folder, by=products.atlas)
    if drawn and products.site:
        step(say("site.step_thumbs"))
        (folder / "thumbs").mkdir(exist_ok=True)
        for style in drawn:
            path = folder / "thumbs" / f"{style.name}.png"
            path.write_bytes(thumbnail(content, style, layers_with_data(content, style)[0], THUMBNAIL_PX))
            written.append(path)
    return written


def _write_pages(
    content: Content, folder: Path, styles: list[MapStyle], *, drawings: Sequence[Drawing | None], step: Step
) -> list[Path]:
    from geontm.publish.offered import layers_with_data

    drawing, then = (*drawings, None)[:2]
    (folder / "maps").mkdir(exist_ok=True)
    pages = []
    for style in styles:
        step(say("site.step_page", name=style.title))
        path = folder / "maps" / f"{style.name}.html"
        former = content.former
        if former is not None and not layers_with_data(former, style):
            former = None  # told by name among the issues
        page = map_html(content, style.name, drawing=drawing, former=former, then=then)
        path.write_text(page, encoding="utf-8", newline="\n")
        pages.append(path)
    return pages


def _write_report(content: Content, folder: Path, products: Products, *, step: Step) -> list[Path]:
    """Write what goes into an office's files: workbook, report, annex."""
    from geontm.publish.books import annex_book
    from geontm.publish.books.workbook import write_workbook
    from geontm.publish.paper.pictures import report_pictures
    from geontm.publish.words import annex as words_annex
    from geontm.publish.words.report import write_report

    step(say("site.step_workbook"))
    written = [write_workbook(content, folder / "communes.xlsx")]
    if products.report:
        step(say("site.step_report"))
        template, path = products.report_template, folder / "report.docx"
        pictures = report_pictures(content, [content.styles[name] for name in products.maps])
        written.append(write_report(content, path, template=template, pictures=pictures))
    if products.annex:
        step(say("site.step_annex"))
        written += [
            words_annex.write_annex(content, folder / "phu-luc.docx"),
            annex_book.write_annex(content, folder / "phu-luc.xlsx"),
        ]
    return written
