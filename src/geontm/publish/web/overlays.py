"""What a page can lay over its communes: villages, works and roads, packed within a budget of bytes.

What does not fit is left out from the least class up, and told: on the page and in the issues of the run.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.messages import say
from geontm.publish.content import Content
from geontm.publish.styles import Category, GroundStyle
from geontm.publish.web.arcs import arcs_of, differences, pack_arcs, streams
from geontm.tables import Issue, Label

__all__ = ["OVERLAY_BYTES", "Overlay", "overlay_head", "overlays_of"]

OVERLAY_BYTES = 300_000
"""What one overlay may add to a page (bytes of the file)."""

GRID = 10_000  # cells in a degree: about 11 m
_ORDER = ("roads", "work_areas", "works", "villages")  # from the ground up
_NAMES = {"villages": "village_name", "works": "name", "work_areas": "name"}
_TOLERANCES_M = (10.0, 25.0, 60.0)
_DEGREE_M = 111_320.0
_BASE64 = 4 / 3
Shapes = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Overlay:
    """One overlay of a page.

    Attributes
    ----------
    name : str
        Name of the layer: ``roads``, ``work_areas``, ``works``, ``villages``.
    style : GroundStyle
    classes : tuple of (Category, int)
        Classes drawn, greatest first, and the number of rows of each.
    left : tuple of (Category, int)
        Classes left out for the budget.
    named : bool
        The names of points and areas are there; they are left out before any class is.
    packed : bytes
        Lines: streams of lines per class, points per line less 1, differences of x and y. Points: streams of points per
        class, differences of x and y, bytes of the names. Areas: stream of areas per class, names, then the arcs
        (:func:`geontm.publish.web.arcs.pack_arcs`). Names are UTF-8, one a line.
    """

    name: str
    style: GroundStyle
    classes: tuple[tuple[Category, int], ...]
    left: tuple[tuple[Category, int], ...]
    named: bool
    packed: bytes

    @property
    def issue(self) -> Issue | None:
        """What the reader of the issues must know of it."""
        if not self.left:
            return None
        classes = [Label(c.label.vi, c.label.en) for c, _ in self.left]
        told = Label(", ".join(label.vi for label in classes), ", ".join(label.en for label in classes))
        n = sum(rows for _, rows in self.left)
        values = {"name": self.style.label, "classes": told, "n": n, "kb": OVERLAY_BYTES // 1000}
        return Issue.of("info", "publish.overlay_left", column=self.name, **values)


def overlays_of(content: Content, *, most: int = OVERLAY_BYTES) -> tuple[Overlay, ...]:
    """Pack the layers that a page can lay over its communes.

    Parameters
    ----------
    content : Content
        ``layers`` (EPSG:4326) and, of ``more``, ``villages`` with ``lon`` and ``lat``.
    most : int
        Bytes that each may add to the file.

    Returns
    -------
    tuple of Overlay
        From the ground up; only layers that have a style and something to draw. The order of rows changes nothing.
    """
    found = []
    for name in _ORDER:
        style, frame = content.ground_styles.get(name), _layer(content, name)
        if style is not None and frame is not None and len(frame):
            found.append(_fitted(name, style, frame, most))
    return tuple(found)


def _layer(content: Content, name: str) -> gpd.GeoDataFrame | None:
    if name != "villages":
        frame = content.layers.get(name)
        return None if frame is None else frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    table = content.more.get(name)
    if table is None or not {"lon", "lat"} <= set(table.columns):
        return None
    lon, lat = (table[each].astype("Float64").to_numpy("float64", na_value=np.nan) for each in ("lon", "lat"))
    placed = np.isfinite(lon) & np.isfinite(lat)
    kept = table[placed].drop(columns=["lon", "lat"])
    return gpd.GeoDataFrame(kept, geometry=shapely.points(lon[placed], lat[placed]), crs="EPSG:4326")


def _fitted(name: str, style: GroundStyle, frame: gpd.GeoDataFrame, most: int) -> Overlay:
    """Pack a layer as finely as its budget allows: coarser lines first, then no names, then fewer classes."""
    categories, of = _classes(style, frame)
    names = _texts(frame.get(_NAMES.get(name, "")), len(frame))
    counts = np.bincount(of, minlength=len(categories))
    drawn = [number for number in range(len(categories)) if counts[number]]
    for keep in range(len(drawn), 0, -1):
        kept = drawn[:keep]
        for packed, named in _attempts(style, frame, of, kept, names):
            if len(zlib.compress(packed, 9)) * _BASE64 <= most:
                left = tuple((categories[k], int(counts[k])) for k in drawn[keep:])
                return Overlay(name, style, tuple((categories[k], int(counts[k])) for k in kept), left, named, packed)
    return Overlay(name, style, (), tuple((categories[k], int(counts[k])) for k in drawn), False, b"")


def _classes(style: GroundStyle, frame: gpd.GeoDataFrame) -> tuple[list[Category], NDArray[np.int64]]:
    """Return the classes of a layer, what no category names last, and the class of each row."""
    other = Label(say("publish.qgis_other", "vi"), say("publish.qgis_other", "en"))
    rest = Category("", style.colour, other if style.categories else style.label, style.size)
    categories = [*style.categories, rest]
    place = {category.value: number for number, category in enumerate(style.categories)}
    values = frame[style.column] if style.column and style.column in frame else pd.Series(pd.NA, index=frame.index)
    of = [place.get(str(value), len(place)) if not pd.isna(value) else len(place) for value in values]
    return categories, np.array(of, dtype=np.int64)


def _texts(column: pd.Series | None, n: int) -> list[str]:
    """Return the names of the rows, one line each; empty where there is none."""
    if column is None:
        return [""] * n
    return ["" if pd.isna(value) else " ".join(str(value).split()) for value in column]


def _attempts(
    style: GroundStyle, frame: gpd.GeoDataFrame, of: NDArray[np.int64], kept: Sequence[int], names: list[str]
) -> Iterator[tuple[bytes, bool]]:
    """Give the ways to pack some classes of a layer, the finest first, and whether the names are in it."""
    groups = [np.flatnonzero(of == number) for number in kept]
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    if style.kind == "line":
        merged = [_merged(shapes[rows]) for rows in groups]
        for tolerance_m in _TOLERANCES_M:
            yield _pack_lines([shapely.simplify(lines, tolerance_m / _DEGREE_M) for lines in merged]), False
        return
    pack = _pack_points if style.kind == "point" else _pack_areas
    if any(names):
        yield pack(shapes, groups, names), True
    yield pack(shapes, groups, []), False


def _merged(shapes: Shapes) -> Shapes:
    """Join the pieces of roads from crossing to crossing, in an order that hangs on their shapes alone."""
    parts = shapely.get_parts(shapes)
    lines = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(shapely.normalize(lines)))))
    merged = shapely.normalize(merged)
    return np.asarray(merged[np.argsort(shapely.to_wkb(merged, hex=True).astype("U"), kind="stable")], dtype=object)


def _pack_lines(groups: Sequence[Shapes]) -> bytes:
    sizes, xys = [], []
    kept = []
    for lines in groups:
        coordinates, line_of = shapely.get_coordinates(lines, return_index=True)
        xy = np.round(coordinates * GRID).astype(np.int64)
        moved = np.ones(len(xy), dtype=bool)
        moved[1:] = (line_of[1:] != line_of[:-1]) | (xy[1:] != xy[:-1]).any(axis=1)
        xy, line_of = xy[moved], line_of[moved]
        points = np.bincount(line_of, minlength=len(lines))
        seen = points > 1  # a line shorter than a cell of the grid
        xy, points = xy[seen[line_of]], points[seen]
        # Each line starts near where the one before it started: small differences pack well.
        order = _along(xy[np.cumsum(points) - points]) if len(points) else np.zeros(0, dtype=np.int64)
        starts = np.cumsum(points) - points
        xys += [xy[starts[k] : starts[k] + points[k]] for k in order]
        sizes.append(points[order] - 1)
        kept.append(len(order))
    xy = np.vstack(xys) if xys else np.zeros((0, 2), dtype=np.int64)
    sizes_all = np.concatenate(sizes) if sizes else np.zeros(0, dtype=np.int64)
    return streams([np.array(kept), sizes_all, differences(xy[:, 0]), differences(xy[:, 1])])


def _pack_points(shapes: Shapes, groups: Sequence[NDArray[np.int64]], names: list[str]) -> bytes:
    xy = np.round(shapely.get_coordinates(shapes) * GRID).astype(np.int64)
    rows = np.concatenate([mine[_along(xy[mine], [names[k] for k in mine] if names else None)] for mine in groups])
    text = "\n".join(names[k] for k in rows).encode("utf-8") if names else b""
    told = np.frombuffer(text, dtype=np.uint8).astype(np.int64)
    sizes = np.array([len(mine) for mine in groups])
    return streams([sizes, differences(xy[rows, 0]), differences(xy[rows, 1])]) + _text(told)


def _pack_areas(shapes: Shapes, groups: Sequence[NDArray[np.int64]], names: list[str]) -> bytes:
    thin = shapely.simplify(shapes, _TOLERANCES_M[1] / _DEGREE_M)
    grid = shapely.make_valid(shapely.transform(thin, lambda xy: np.round(xy * GRID)))
    middle = np.round(shapely.get_coordinates(shapely.centroid(shapes)) * GRID).astype(np.int64)
    rows = np.concatenate([mine[_along(middle[mine], [names[k] for k in mine] if names else None)] for mine in groups])
    text = "\n".join(names[k] for k in rows).encode("utf-8") if names else b""
    sizes = np.array([len(mine) for mine in groups])
    told = np.frombuffer(text, dtype=np.uint8).astype(np.int64)
    return streams([sizes]) + _text(told) + pack_arcs(arcs_of(grid[rows]))


def _text(told: NDArray[np.int64]) -> bytes:
    """Write a text as a stream of its bytes, which gzip packs as well as any text."""
    return streams([np.array([len(told)])]) + told.astype(np.uint8).tobytes()


def _along(xy: NDArray[np.int64], names: list[str] | None = None) -> NDArray[np.int64]:
    """Return an order in which points follow each other closely: in stripes of a tenth of a degree, up and down."""
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    stripe = xy[:, 0] // (GRID // 10)
    up = np.where(stripe % 2 == 0, xy[:, 1], -xy[:, 1])
    last = np.array(names) if names is not None else np.zeros(len(xy), dtype=np.int64)
    return np.lexsort((last, xy[:, 0], up, stripe))


def overlay_head(overlay: Overlay, at: int) -> dict[str, Any]:
    """Return what the header of a page says of an overlay whose bytes begin at an offset of the geometry."""
    style = overlay.style

    def shown(category: Category, n: int) -> dict[str, Any]:
        label = {"vi": category.label.vi, "en": category.label.en}
        return {"label": label, "colour": category.colour, "size": category.size or style.size, "n": n}

    return {
        "name": overlay.name,
        "kind": style.kind,
        "label": {"vi": style.label.vi, "en": style.label.en},
        "classes": [shown(*each) for each in overlay.classes],
        "left": [shown(*each) for each in overlay.left],
        "named": overlay.named,
        "at": at,
        "grid": GRID,
    }
