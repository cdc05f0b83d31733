"""Sheets as files: vector PDF with searchable names, SVG with its letters inside, PNG; the same bytes each time."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.text import Text

from geontm.publish.content import Content
from geontm.publish.offered import label_of, layers_with_data
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.sheet import Sheet, draw_sheet
from geontm.publish.paper.text import FAMILY, Cut, drawing, font_file
from geontm.publish.products import PaperSize
from geontm.publish.styles import LayerStyle, MapStyle

__all__ = ["layers_to_print", "look_of", "save_pdf", "save_png", "save_svg", "write_sheets"]

PNG_DPI = 300
_CREATOR = "geontm"


def layers_to_print(content: Content, style: MapStyle) -> list[LayerStyle]:
    """Return the layers of a map that go on paper.

    Those that the style marks (``print: true``); of a style that marks none, the first layer of every group, without
    those that only a pattern offers.
    """
    layers = layers_with_data(content, style)
    if any(layer.printed for layer in style.layers):
        return [layer for layer in layers if layer.printed]
    named = {layer.column for layer in style.layers}
    first: dict[object, LayerStyle] = {}
    for layer in layers:
        if layer.column in named:
            first.setdefault(layer.group, layer)
    return list(first.values())


def look_of(content: Content, style: MapStyle, layer: LayerStyle) -> Hashable:
    """Return what the sheet of a layer hangs on beside the content: layers of two maps may be equal in it."""
    return replace(layer, group=None, printed=False), tuple(label_of(content, style, name) for name in layer.columns)


def write_sheets(content: Content, folder: Path, styles: Sequence[MapStyle], sizes: Sequence[PaperSize]) -> list[Path]:
    """Write the print maps of a run: ``print/<map>-<layer>-<size>.pdf``, ``.png`` (300 dpi) and ``.svg``.

    Parameters
    ----------
    content : Content
    folder : Path
        The result folder; ``print`` is made in it where anything is written.
    styles : sequence of MapStyle
        The maps of the project; :func:`layers_to_print` chooses their layers.
    sizes : sequence of {"A4", "A3"}

    Returns
    -------
    list of Path
        Files written, by map, layer and size; none where no unit has an outline. A sheet whose key needs a page of
        its own has a second page in its PDF, and pictures of it beside the others (``…-2.png``, ``…-2.svg``).

    Notes
    -----
    A layer that two maps share is drawn once; each map has its files, so that one map can be made again without the
    other, and they are the same bytes.
    """
    wanted = [(style, layer) for style in styles for layer in layers_to_print(content, style)]
    written: list[Path] = []
    if not wanted or not sizes:
        return written
    with drawing():
        land = land_of(content)
        if not land.near.any():
            return written
        target = folder / "print"
        target.mkdir(exist_ok=True)
        grounds = {size: ground_of(land, size, content.lang) for size in sizes}
        drawn: dict[Hashable, tuple[str, list[Path]]] = {}
        for style, layer in wanted:
            for size in sizes:
                name, look = f"{style.name}-{layer.name}-{size}", (look_of(content, style, layer), size)
                if look in drawn:
                    written += _copied(*drawn[look], name)
                    continue
                sheet = draw_sheet(content, style, layer, size=size, ground=grounds[size])
                drawn[look] = name, _save(sheet, target, name)
                written += drawn[look][1]
    return written


def _copied(first: str, files: Sequence[Path], name: str) -> list[Path]:
    """Give files of a sheet that is drawn already to another map as well."""
    found = [path.with_name(name + path.name.removeprefix(first)) for path in files]
    for path, copy in zip(files, found, strict=True):
        shutil.copyfile(path, copy)
    return found


def _save(sheet: Sheet, folder: Path, name: str) -> list[Path]:
    written = [save_pdf(sheet.pages, folder / f"{name}.pdf", title=sheet.title)]
    for number, page in enumerate(sheet.pages, start=1):
        own = name if number == 1 else f"{name}-{number}"
        written += [
            save_png(page, folder / f"{own}.png"),
            save_svg(page, folder / f"{own}.svg", title=sheet.title),
        ]
    return written


def save_pdf(pages: Sequence[Figure], path: Path, *, title: str) -> Path:
    """Write pages as one PDF, fonts embedded, without a date."""
    about = {"CreationDate": None, "ModDate": None, "Creator": _CREATOR, "Producer": None, "Title": title}
    with drawing(), PdfPages(path, metadata=about) as pdf:
        for page in pages:
            page.savefig(pdf, format="pdf")
    return path


def save_png(page: Figure, path: Path, *, dpi: float = PNG_DPI) -> Path:
    """Write a page as PNG."""
    with drawing():
        page.savefig(path, format="png", dpi=dpi, metadata={"Software": None})
    return path


def save_svg(page: Figure, path: Path, *, title: str) -> Path:
    """Write a page as SVG: its words stay text, and the letters they need are inside the file."""
    buffer = io.StringIO()
    about: Mapping[str, str | None] = {"Date": None, "Creator": _CREATOR, "Title": title}
    with drawing():
        page.savefig(buffer, format="svg", metadata=about)
    mark = '<style type="text/css">'
    drawn = buffer.getvalue().replace(mark, mark + _faces(page), 1)
    path.write_text(drawn, encoding="utf-8", newline="\n")
    return path


def _faces(page: Figure) -> str:
    """Return the fonts of a page as CSS, each cut down to the letters that the page writes with it."""
    used: dict[Cut, set[str]] = {}
    for text in page.findobj(Text):
        about = text.get_fontproperties()
        cut: Cut = "Bold" if about.get_weight() == "bold" else "Italic" if about.get_style() == "italic" else "Regular"
        used.setdefault(cut, set()).update(text.get_text())
    faces = []
    for cut in sorted(used):
        data = base64.b64encode(_cut_down(cut, used[cut])).decode()
        weight, slant = "bold" if cut == "Bold" else "normal", "italic" if cut == "Italic" else "normal"
        look = f"font-weight:{weight};font-style:{slant}"
        faces.append(f"@font-face{{font-family:'{FAMILY}';{look};src:url(data:font/woff;base64,{data})}}")
    return "".join(faces)


def _cut_down(cut: Cut, letters: set[str]) -> bytes:
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.flavor = "woff"
    options.hinting = False
    options.recalc_timestamp = False
    face = TTFont(font_file(cut), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(letters)))
    cutter.subset(face)
    face.flavor = "woff"
    buffer = io.BytesIO()
    face.save(buffer, reorderTables=False)
    return buffer.getvalue()
