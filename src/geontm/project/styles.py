"""Reads map styles (``data/styles/*.yaml``) into frozen values; a mistake names the file, the line and the word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geontm.errors import ProjectError
from geontm.project.yaml_files import Document, nearest, read_yaml
from geontm.publish.ramps import palettes
from geontm.publish.styles import Category, GroundStyle, LayerStyle, MapStyle
from geontm.tables import Label

__all__ = ["list_styles", "palettes", "parse_style", "read_ground_styles", "read_style", "read_styles"]

_PALETTES = "palettes"
_GROUND = "ground"
_SQUARE = 9  # colours of two columns together
Ramps: TypeAlias = Mapping[str, tuple[str, ...]]
Size = Annotated[float, Field(ge=0, le=20)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Label(_Entry):
    vi: str
    en: str

    @property
    def label(self) -> Label:
        return Label(self.vi, self.en)


class _Category(_Entry):
    value: str
    colour: Colour
    label: _Label
    size: Size = 0.0


class _Zero(_Entry):
    colour: Colour
    label: _Label


class _Ground(_Entry):
    kind: Literal["point", "line", "area"]
    label: _Label
    colour: Colour
    size: Size
    column: str = ""
    categories: list[_Category] = Field(default_factory=list)


class _Layer(_Entry):
    column: str = ""
    columns: Annotated[list[str], Field(min_length=2, max_length=2)] | None = None
    kind: Literal["choropleth", "category", "bivariate"]
    palette: str | None = None
    reverse: bool = False
    method: Literal["fisher_jenks", "quantiles", "equal", "pretty", "law"] = "fisher_jenks"
    around: Literal["law"] | float | int | None = None
    breaks: Annotated[list[list[float | int]], Field(min_length=2, max_length=2)] | None = None
    categories: list[_Category] = Field(default_factory=list)
    group: _Label | None = None
    missing: _Label | None = None
    print: bool = False
    zero: _Zero | None = None


class _Style(_Entry):
    title: _Label
    layers: Annotated[list[_Layer], Field(min_length=1)]
    labels: dict[str, _Label] = Field(default_factory=dict)
    without: list[str] = Field(default_factory=list)
    tables_only: list[str] = Field(default_factory=list)
    most: Annotated[int, Field(ge=1)] | None = None


@lru_cache(maxsize=1)
def list_styles() -> tuple[str, ...]:
    """List the names of the shipped maps."""
    folder = files("geontm").joinpath("data", "styles")
    names = (path.name.removesuffix(".yaml") for path in folder.iterdir() if path.name.endswith(".yaml"))
    return tuple(sorted(name for name in names if name not in (_PALETTES, _GROUND)))


def read_styles() -> dict[str, MapStyle]:
    """Read every shipped map, by name."""
    return {name: read_style(name) for name in list_styles()}


@lru_cache(maxsize=16)
def read_style(name: str) -> MapStyle:
    """Read one shipped map, e.g. ``"classification"``.

    Raises
    ------
    ProjectError
        The file breaks the form of a style (``publish.style_wrong``), or no such map exists.
    """
    if name not in list_styles():
        raise ProjectError("publish.unknown_map", where=name, name=name, known=", ".join(list_styles()))
    with as_file(files("geontm").joinpath("data", "styles", f"{name}.yaml")) as path:
        document = read_yaml(path)
    return parse_style(name, document, palettes())


@lru_cache(maxsize=1)
def read_ground_styles() -> dict[str, GroundStyle]:
    """Read how the layers of ``result.gpkg`` beside the communes are drawn, by name of the layer.

    Raises
    ------
    ProjectError
        The file breaks the form of a style (``publish.style_wrong``).
    """
    with as_file(files("geontm").joinpath("data", "styles", f"{_GROUND}.yaml")) as path:
        document = read_yaml(path)
    found = {}
    for name, entry in document.data.items():
        try:
            style = _Ground.model_validate(entry)
        except ValidationError as wrong:
            first = wrong.errors()[0]
            raise _wrong(_GROUND, document, (name, *first["loc"]), str(first["msg"])) from None
        named = tuple(Category(c.value, c.colour, c.label.label, c.size) for c in style.categories)
        found[name] = GroundStyle(style.kind, style.label.label, style.colour, style.size, style.column, named)
    return found


def parse_style(name: str, document: Document, ramps: Ramps) -> MapStyle:
    """Turn a YAML document into a style.

    Parameters
    ----------
    name : str
        Name of the map.
    document : Document
    ramps : mapping
        Colours by name of palette.
    """
    try:
        style = _Style.model_validate(document.data)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = tuple(first["loc"])
        raise _wrong(name, document, place, str(first["msg"])) from None
    layers = tuple(_layer(name, document, ramps, number, layer) for number, layer in enumerate(style.layers))
    labels = {column: label.label for column, label in style.labels.items()}
    return MapStyle(
        name,
        style.title.label,
        layers,
        labels,
        without=frozenset(style.without),
        tables_only=frozenset(style.tables_only),
        most=style.most or 0,
    )


def _layer(name: str, document: Document, ramps: Ramps, number: int, layer: _Layer) -> LayerStyle:
    place: tuple[str | int, ...] = ("layers", number)
    if layer.kind == "category" and not layer.categories and not layer.palette:
        raise _wrong(name, document, place, "categories? palette?")
    if (layer.kind != "category" or layer.palette) and layer.palette not in ramps:
        hint = nearest(str(layer.palette), ramps) or ", ".join(ramps)
        raise _wrong(name, document, (*place, "palette"), f"{layer.palette} → {hint}?")
    colours = ramps[layer.palette] if layer.palette else ()
    wrong = _contradiction(layer, colours)
    if wrong:
        raise _wrong(name, document, (*place, wrong[0]), wrong[1])
    first, second = layer.columns or (layer.column, "")
    return LayerStyle(
        column=first,
        kind=layer.kind,
        palette=colours[::-1] if layer.reverse else colours,
        method=layer.method,
        categories=tuple(Category(c.value, c.colour, c.label.label) for c in layer.categories),
        group=layer.group.label if layer.group else None,
        missing=layer.missing.label if layer.missing else None,
        around=layer.around,
        against=second,
        cuts=tuple(tuple(map(float, cuts)) for cuts in layer.breaks or ()),
        printed=layer.print,
        zero=Category("0", layer.zero.colour, layer.zero.label.label) if layer.zero else None,
    )


def _contradiction(layer: _Layer, colours: tuple[str, ...]) -> tuple[str, str] | None:
    """Find what the kind of a layer lacks, or what it cannot have: the key and what is wrong with it."""
    two = layer.kind == "bivariate"
    if two == bool(layer.column) or two != (layer.columns is not None):
        return ("columns", "columns: [a, b]") if two else ("column", "column?")
    if two and len(colours) != _SQUARE:
        return "palette", f"{len(colours)} ≠ {_SQUARE}"
    if two and layer.breaks and any(cuts != sorted(set(cuts)) or len(cuts) not in (1, 2) for cuts in layer.breaks):
        return "breaks", "[[a1, a2], [b1, b2]]"
    if layer.breaks and not two:
        return "breaks", "kind: bivariate?"
    if layer.zero and (layer.kind != "choropleth" or layer.method == "law" or layer.around is not None):
        return "zero", "kind: choropleth"
    if layer.around is not None and (layer.kind != "choropleth" or layer.method == "law" or len(colours) % 2):
        return "around", "kind: choropleth, palette: PuOr, BrBG"
    return None


def _wrong(name: str, document: Document, place: Any, reason: str) -> ProjectError:
    keys = ".".join(str(part) for part in place)
    return ProjectError("publish.style_wrong", where=document.where(place), name=name, place=keys, reason=reason)
