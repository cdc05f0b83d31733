"""Single products of a result, written where a notebook wants them: workbook, report, a sheet of one map."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from geontm.publish.asked import require_choice
from geontm.publish.content import Content
from geontm.publish.notebook.ask import Kind, Way, style_of
from geontm.publish.notebook.place import put, require_ending
from geontm.publish.offered import layers_with_data
from geontm.publish.products import PaperSize, Products

__all__ = ["save_excel", "save_print_map", "save_report"]


def save_excel(content: Content, path: str | Path) -> Path:
    """Write the workbook of a run: what ``communes.xlsx`` of its result folder is, byte for byte.

    Raises
    ------
    PublishError
        The file cannot be written, or its name does not end in ``.xlsx``.
    """
    from geontm.publish.books.workbook import write_workbook

    return put(path, lambda file: write_workbook(content, file), endings=(".xlsx",))


def save_report(content: Content, path: str | Path, products: Products, *, template: str | Path | None = None) -> Path:
    """Write the report of a run: what ``report.docx`` of its result folder is, byte for byte.

    Parameters
    ----------
    content : Content
    path : str or Path
        Ends in ``.docx``.
    products : Products
        Names the maps of the report; where it names none, all that have figures.
    template : str or Path, optional
        The office's own Word template, instead of the project's.

    Raises
    ------
    PublishError
        The file cannot be written, or the template cannot be used.
    """
    from geontm.publish.paper.pictures import report_pictures
    from geontm.publish.words.report import write_report

    require_ending(path, (".docx",))
    styles = [content.styles[name] for name in products.maps or content.styles]
    styles = [style for style in styles if layers_with_data(content, style)]
    chosen = Path(template) if template is not None else products.report_template
    pictures = report_pictures(content, styles)
    return put(path, lambda file: write_report(content, file, template=chosen, pictures=pictures), endings=(".docx",))


def save_print_map(
    content: Content,
    column: str,
    path: str | Path,
    *,
    size: PaperSize = "A4",
    method: Way | None = None,
    classes: int | None = None,
    kind: Kind | None = None,
) -> list[Path]:
    """Write the sheet of one column, as the result folder has them under ``print/``.

    Parameters
    ----------
    content : Content
    column, method, classes, kind
        See :func:`geontm.publish.notebook.ask.style_of`.
    path : str or Path
        Ends in ``.pdf``, ``.png`` (300 dpi) or ``.svg``.
    size : {"A4", "A3"}

    Returns
    -------
    list of Path
        The file; where the key of numbered units needs a page of its own, a picture of that too (``NAME-2.png``). A PDF
        has all pages in one file.

    Raises
    ------
    PublishError
        As :func:`geontm.publish.notebook.ask.style_of`; no unit has an outline; the file cannot be written.
    """
    from geontm.publish.paper import files
    from geontm.publish.paper.sheet import draw_sheet

    target = require_ending(path, (".pdf", ".png", ".svg"))
    require_choice("size", size, ("A4", "A3"))
    style = style_of(content, column, method=method, classes=classes, kind=kind)
    layer = layers_with_data(content, style)[0]
    sheet = draw_sheet(content, style, layer, size=size)
    ending = target.suffix.lower()
    if ending == ".pdf":
        return [put(target, partial(files.save_pdf, sheet.pages, title=sheet.title), endings=(ending,))]
    written = []
    for number, page in enumerate(sheet.pages, start=1):
        save = partial(files.save_png, page) if ending == ".png" else partial(files.save_svg, page, title=sheet.title)
        place = target if number == 1 else target.with_stem(f"{target.stem}-{number}")
        written.append(put(place, save, endings=(ending,)))
    return written
