"""Looks at the values of a raster over the communes before any work: what cannot be is refused, what is odd is told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geontm.errors import SourceError
from geontm.load.raster_crs import Bounds, bounds_in
from geontm.load.raster_tiles import CREDIBLE, OpenRaster, RasterKind, overlap, overlaps
from geontm.tables import Issue, Window

__all__ = ["check_raster"]

# Zones hold four bytes a cell: a province in finer cells than these does not fit in memory.
MOST_CELLS = 1_500_000_000
# Strips begin where blocks of a file do: 256 or 512 rows are a row of blocks in most tiled files.
STRIP_CELLS, BLOCK_ROWS = 16_000_000, 256
LEAST_OUTSIDE = 1e-6
# Vietnam had 101 million people in 2024. The densest wards have some 80,000 persons/km², the densest single hectares
# of tower blocks some ten times that.
MOST_PEOPLE = 5 * 101e6
MOST_MEAN_DENSITY, MOST_DENSITY = 100_000.0, 1_000_000.0
# Fansipan is 3,147 m high, and no place of the neighbours within a degree of the border reaches this.
HIGHEST = 3_700.0
MOST_TOO_HIGH = 0.5
# One cell in a hundred above every mountain is no spike, it is another unit: feet, most likely.
MOST_IN_FEET = 0.01
MOST_CLASSES = 1_000


@dataclass
class _Seen:
    """What a raster holds within the bounds, counted strip by strip."""

    given: int = 0
    below: int = 0
    above: int = 0
    no_mountain: int = 0
    fractions: int = 0
    lowest: float = math.inf
    highest: float = -math.inf
    most_dense: float = 0.0
    area_km2: float = 0.0
    people: float = 0.0


def check_raster(raster: OpenRaster, bounds: Bounds, *, kind: RasterKind) -> tuple[Issue, ...]:
    """Look at every value over the communes, and refuse a raster that cannot be of its kind or lies elsewhere.

    Parameters
    ----------
    raster : OpenRaster
    bounds : tuple of float
        Left, bottom, right, top of the communes (EPSG:4326).
    kind : {"population", "elevation", "landcover"}
        As the raster was opened.

    Returns
    -------
    tuple of Issue
        The communes' box lies outside in part; values that cannot be and count as unknown; densities or heights that
        are hard to believe; tiles that disagree where they overlap.

    Raises
    ------
    SourceError
        No overlap with the communes, no known value there, more cells than can be held, more people than could live
        there, heights that are not in metres, or land cover that is not in classes.
    """
    if kind != raster.kind:
        raise ValueError(f"the raster was opened as {raster.kind}, not {kind}")
    window, outside = _window(raster, bounds)
    issues = []
    if outside > LEAST_OUTSIDE:
        issues.append(Issue.of("warning", "rasters.partly_outside", file=raster.name, pct=100 * outside))
    seen = _look(raster, window)
    if not seen.given:
        raise SourceError("rasters.nothing_known", where=raster.name, file=raster.name)
    if seen.given == seen.below + seen.above:
        raise SourceError(
            "rasters.nothing_credible", where=raster.name, file=raster.name, lowest=seen.lowest, highest=seen.highest
        )
    found = {"population": _check_people, "elevation": _check_heights, "landcover": _check_classes}[kind]
    return (*issues, *found(raster, seen), *_disagreements(raster, window))


def _window(raster: OpenRaster, bounds: Bounds) -> tuple[Window, float]:
    """Return the cells within the bounds, and the share of the bounds' box (0 to 1) that lies outside the raster."""
    box = bounds_in(raster.grid, bounds)
    window = raster.grid.window(box)
    left, bottom, right, top = box
    inside = raster.grid.bounds
    width, height = min(right, inside[2]) - max(left, inside[0]), min(top, inside[3]) - max(bottom, inside[1])
    if not window.size or width <= 0 or height <= 0:
        raise SourceError(
            "rasters.no_overlap", where=raster.name, file=raster.name, crs=raster.grid.crs.name,
            raster_box=_box_text(inside), units_box=_box_text(box),
        )  # fmt: skip
    if window.size > MOST_CELLS:
        raise SourceError("rasters.too_fine", where=raster.name, file=raster.name, cells=window.size, limit=MOST_CELLS)
    return window, 1 - width * height / ((right - left) * (top - bottom))


def _box_text(box: Bounds) -> str:
    return " ".join(f"{value:.6g}" for value in box)


def _strips(window: Window, rows: int) -> Iterator[Window]:
    """Cut a window into strips of whole rows, that begin where the blocks of a file may begin."""
    first = window.row
    while first < window.row + window.rows:
        end = min((first // rows + 1) * rows, window.row + window.rows)
        yield Window(first, window.col, end - first, window.cols)
        first = end


def _look(raster: OpenRaster, window: Window) -> _Seen:
    """Read the window once and count."""
    low, high = CREDIBLE[raster.kind]
    seen, sums = _Seen(), []
    rows = max(1, STRIP_CELLS // window.cols)
    for strip in _strips(window, rows // BLOCK_ROWS * BLOCK_ROWS or rows):
        values, given = raster.read_as_given(strip)
        if not given.any():
            continue
        seen.given += int(np.count_nonzero(given))
        limits = np.finfo(values.dtype) if values.dtype.kind == "f" else np.iinfo(values.dtype)
        least, most = values.min(where=given, initial=limits.max), values.max(where=given, initial=limits.min)
        seen.lowest, seen.highest = min(seen.lowest, float(least)), max(seen.highest, float(most))
        if least < low:
            below = given & (values < low)
            seen.below += int(np.count_nonzero(below))
            given &= ~below
        if most > high:
            seen.above += int(np.count_nonzero(given & (values > high)))
        if raster.kind == "elevation" and most > HIGHEST:
            seen.no_mountain += int(np.count_nonzero(given & (values > HIGHEST) & (values <= high)))
        if raster.kind == "population":
            width, height = raster.grid.cell_metres(strip)
            cell_km2 = width * height / 1e6
            densest = values.max(axis=1, where=given, initial=0) / cell_km2
            seen.most_dense = max(seen.most_dense, float(densest.max()))
            seen.area_km2 += float(np.count_nonzero(given, axis=1) @ cell_km2)
            sums.append(float(values.sum(where=given, dtype=np.float64)))
        if raster.kind == "landcover" and values.dtype.kind == "f":
            seen.fractions += int(np.count_nonzero(given & (values != np.rint(values))))
    seen.people = math.fsum(sums)
    return seen


def _check_people(raster: OpenRaster, seen: _Seen) -> Iterator[Issue]:
    """Tell negative counts, and refuse or doubt densities."""
    if seen.below:
        yield Issue.of(
            "warning", "rasters.negative_people", file=raster.name, value=f"{seen.lowest:g}", count=seen.below,
            lowest=seen.lowest,
        )  # fmt: skip
    density = seen.people / seen.area_km2
    if seen.people > MOST_PEOPLE or density > MOST_MEAN_DENSITY:
        raise SourceError(
            "rasters.too_many_people", where=raster.name, file=raster.name, people=seen.people, density=density,
            highest=seen.highest,
        )  # fmt: skip
    if seen.most_dense > MOST_DENSITY:
        yield Issue.of(
            "warning", "rasters.too_dense", file=raster.name, value=f"{seen.highest:g}", density=seen.most_dense
        )
    if not seen.people:
        yield Issue.of("warning", "rasters.nobody", file=raster.name)


def _check_heights(raster: OpenRaster, seen: _Seen) -> Iterator[Issue]:
    """Tell heights that cannot be, and refuse or doubt their unit."""
    if seen.above > MOST_TOO_HIGH * seen.given:
        raise SourceError("rasters.not_metres", where=raster.name, file=raster.name, highest=seen.highest)
    if seen.no_mountain > MOST_IN_FEET * (seen.given - seen.below - seen.above):
        raise SourceError(
            "rasters.in_feet", where=raster.name, file=raster.name, pct=100 * seen.no_mountain / seen.given,
            highest=min(seen.highest, CREDIBLE["elevation"][1]),
        )  # fmt: skip
    if seen.below + seen.above:
        yield Issue.of(
            "warning", "rasters.no_such_height", file=raster.name, count=seen.below + seen.above,
            lowest=seen.lowest, highest=seen.highest,
        )  # fmt: skip
    if seen.no_mountain and not seen.above:
        yield Issue.of("warning", "rasters.too_high", file=raster.name, value=f"{seen.highest:g}", highest=seen.highest)


def _check_classes(raster: OpenRaster, seen: _Seen) -> Iterator[Issue]:
    """Refuse land cover that is a measure and not a class."""
    if seen.fractions or seen.highest - seen.lowest > MOST_CLASSES:
        raise SourceError(
            "rasters.not_classes", where=raster.name, file=raster.name, lowest=seen.lowest, highest=seen.highest
        )
    return iter(())


def _disagreements(raster: OpenRaster, window: Window) -> Iterator[Issue]:
    """Tell pairs of tiles that know different values of one cell."""
    for first, second, shared in overlaps(raster):
        common = overlap(shared, window)
        differ, most = 0, 0.0
        for strip in _strips(common, max(1, STRIP_CELLS // max(common.cols, 1))):
            one, one_given = raster.read_tile(first, strip)
            other, other_given = raster.read_tile(second, strip)
            apart = np.where(one_given & other_given, np.abs(one.astype(np.float64) - other), 0.0)
            differ, most = differ + int(np.count_nonzero(apart)), max(most, float(apart.max(initial=0.0)))
        if differ:
            names = [raster.paths[at].name for at in (first, second)]
            yield Issue.of(
                "warning", "rasters.tiles_differ", file=raster.name, value=", ".join(names), first=names[0],
                second=names[1], count=differ, most=most,
            )  # fmt: skip
