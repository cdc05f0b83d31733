"""The files of a result folder, sorted as a reader looks for them: maps with their sheets, reports, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geontm.messages import Language, catalogue, say
from geontm.publish.content import Content
from geontm.publish.offered import label_of, layers_with_data
from geontm.publish.products import Products
from geontm.publish.site.facts import whole
from geontm.publish.styles import LayerStyle, MapStyle
from geontm.publish.theme import Theme, theme_of
from geontm.tables import Label

__all__ = ["LegendRow", "MapShown", "Sheet", "Shelf", "ShownFile", "shelf_of"]

_REPORTS = ("report.docx", "phu-luc.docx", "phu-luc.xlsx", "communes.xlsx", "print/atlas.pdf")
_GIS = ("result.gpkg", "communes.parquet")
_FIRST_TABLES = ("communes.csv", "indicators.csv", "verdicts.parquet", "verdicts.csv", "districts.csv", "scores.csv")
_NOT_LISTED = ("issues.csv", "index.html", "run.json")
_KINDS = ("pdf", "png", "svg")
_LANGUAGES: tuple[Language, ...] = ("vi", "en")


@dataclass(frozen=True)
class ShownFile:
    """A file: path inside the folder, kind as read on a button, what it holds, size."""

    path: str
    kind: str
    what: Label
    size: Label


@dataclass(frozen=True)
class Sheet:
    """A map on paper, in one size: the same sheet as PDF, PNG and SVG."""

    label: Label
    paper: str
    files: tuple[ShownFile, ...]


@dataclass(frozen=True)
class LegendRow:
    """A class of the thumbnail: colour (None for unknown), words, units, and their part of the most frequent class."""

    colour: str | None
    label: Label
    count: Label
    width: float


@dataclass(frozen=True)
class MapShown:
    """One map: page, thumbnail with its legend, what else the page offers, sheets."""

    title: Label
    page: ShownFile
    thumbnail: str
    pixels: tuple[int, int]
    layer: Label
    unit: str
    legend: tuple[LegendRow, ...]
    others: tuple[Label, ...]
    sheets: tuple[Sheet, ...]
    illustrative: bool
    both_eras: bool = False


@dataclass(frozen=True)
class Shelf:
    """Everything that a start page lists."""

    maps: tuple[MapShown, ...]
    without: tuple[Label, ...]
    reports: tuple[ShownFile, ...]
    gis: tuple[ShownFile, ...]
    tables: tuple[ShownFile, ...]


def shelf_of(content: Content, folder: Path, products: Products) -> Shelf:
    """Sort the files of a result folder.

    Parameters
    ----------
    content : Content
    folder : Path
        With every file but the start page and the record.
    products : Products
        ``maps`` in the order to show.
    """
    styles = [content.styles[name] for name in products.maps]
    drawn = {style.name: layers_with_data(content, style) for style in styles}
    at_top = sorted(path.name for path in folder.iterdir() if path.is_file())
    apart = {*_REPORTS, *_GIS, *_NOT_LISTED}
    tables = [name for name in _FIRST_TABLES if name in at_top]
    tables += [name for name in at_top if name not in apart and name not in tables]
    return Shelf(
        maps=tuple(
            _map(content, folder, style, drawn[style.name])
            for style in styles
            if drawn[style.name] and (folder / "maps" / f"{style.name}.html").is_file()
        ),
        without=tuple(style.title for style in styles if not drawn[style.name]),
        reports=(
            *_listed(folder, [name for name in _REPORTS if (folder / name).is_file()]),
            *_atlases(content, folder),
        ),
        gis=_listed(folder, [name for name in _GIS if name in at_top]),
        tables=_listed(folder, tables),
    )


def _map(content: Content, folder: Path, style: MapStyle, layers: Sequence[LayerStyle]) -> MapShown:
    theme = theme_of(content, style, layers[0])
    thumbnail = folder / "thumbs" / f"{style.name}.png"
    labels = {layer.name: _labels(content, style, layer) for layer in layers}
    return MapShown(
        title=style.title,
        page=_file(folder, f"maps/{style.name}.html", style.title),
        thumbnail=thumbnail.relative_to(folder).as_posix() if thumbnail.is_file() else "",
        pixels=_pixels(thumbnail) if thumbnail.is_file() else (0, 0),
        layer=theme.label,
        unit=theme.unit,
        legend=_legend(theme),
        others=tuple(short for _, short in list(labels.values())[1:]),
        sheets=_sheets(folder, style, {name: label for name, (label, _) in labels.items()}),
        illustrative=theme.illustrative,
        both_eras=content.former is not None and bool(layers_with_data(content.former, style)),
    )


def _labels(content: Content, style: MapStyle, layer: LayerStyle) -> tuple[Label, Label]:
    """Return the label of a layer and the short one: those of its column, or of its two columns."""
    pairs = [label_of(content, style, name) for name in layer.columns]
    return _joined([label for label, _ in pairs], layer), _joined([short for _, short in pairs], layer)


def _joined(labels: Sequence[Label], layer: LayerStyle) -> Label:
    joined = Label(*(" × ".join(label[lang] for label in labels) for lang in _LANGUAGES))
    return Label(*(say("publish.page_by_law", lang, label=joined) for lang in _LANGUAGES)) if layer.by_law else joined


def _legend(theme: Theme) -> tuple[LegendRow, ...]:
    counts = theme.counts
    most = max([*counts, theme.unknown, 1])
    names = zip(theme.class_labels("vi"), theme.class_labels("en"), strict=True)
    rows = [
        LegendRow(colour, Label(*name), _number(count), count / most)
        for colour, name, count in zip(theme.colours, names, counts, strict=False)
    ]
    if theme.unknown:
        rows.append(LegendRow(None, theme.missing, _number(theme.unknown), theme.unknown / most))
    return tuple(rows)


def _sheets(folder: Path, style: MapStyle, labels: dict[str, Label]) -> tuple[Sheet, ...]:
    """Find the sheets of a map, ``print/<map>-<layer>-<size>.<kind>``, in the order of its layers.

    A sheet of several pages is one PDF, and one picture a page (``…-A4-2.png``).
    """
    there = {path.name for path in (folder / "print").iterdir()} if (folder / "print").is_dir() else set()
    found = []
    for name, label in labels.items():
        for paper in ("A4", "A3"):
            sheet = f"{style.name}-{name}-{paper}"
            more = [number for number in range(2, 100) if f"{sheet}-{number}.png" in there]
            files = {f"{sheet}.{kind}": kind.upper() for kind in _KINDS}
            files |= {f"{sheet}-{page}.{kind}": f"{kind.upper()} {page}" for page in more for kind in _KINDS}
            shown = [replace(_file(folder, f"print/{f}", label), kind=k) for f, k in files.items() if f in there]
            found += [Sheet(label, paper, tuple(shown))] if shown else []
    return tuple(found)


def _atlases(content: Content, folder: Path) -> tuple[ShownFile, ...]:
    """List the atlas of each province, ``print/atlas-CODE.pdf``, where a run of several has one for each."""
    units = content.units.dropna(subset=["province_code", "province_name"])
    names = dict(zip(units["province_code"].astype("str"), units["province_name"], strict=True))
    found = []
    for path in sorted((folder / "print").glob("atlas-*.pdf")):
        name = names.get(path.stem.removeprefix("atlas-"))
        known = [say("site.file_atlas_of", lang, name=name) if name else say(_told_as("atlas.pdf"), lang)
                 for lang in ("vi", "en")]  # fmt: skip
        found.append(_file(folder, f"print/{path.name}", Label(*known)))
    return tuple(found)


def _listed(folder: Path, names: Sequence[str]) -> tuple[ShownFile, ...]:
    return tuple(_file(folder, name, Label(*(say(_told_as(name), lang) for lang in ("vi", "en")))) for name in names)


def _file(folder: Path, path: str, what: Label) -> ShownFile:
    size = (folder / path).stat().st_size
    return ShownFile(path, path.rpartition(".")[2].upper(), what, Label(_size(size, "vi"), _size(size, "en")))


def _told_as(name: str) -> str:
    """Return the message that says what a file holds; a table without words of its own is still listed."""
    key = name.rpartition("/")[2].replace(".", "_").replace("-", "_")
    return next((own for own in (f"publish.file_{key}", f"site.file_{key}") if own in catalogue()), _OTHER)


_OTHER = "publish.file_other_csv"


def _size(size: int, lang: Language) -> str:
    kilobytes = size / 1_000
    text = f"{kilobytes / 1_000:.1f} MB" if kilobytes >= 1_000 else f"{max(1, round(kilobytes))} kB"
    return text.replace(".", ",") if lang == "vi" else text


def _number(count: int) -> Label:
    return Label(whole(count, "vi"), whole(count, "en"))


def _pixels(path: Path) -> tuple[int, int]:
    """Read width and height of a PNG from its first chunk, so that the page does not jump while it loads."""
    head = path.read_bytes()[:24]
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
