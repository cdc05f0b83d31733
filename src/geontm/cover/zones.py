"""How the cells of a raster fall into units: whole cells by the unit that holds them, cut cells by exact shares.

The share of a cell that lies in a polygon is found from the polygon's edges alone: every edge is cut at the lines of
the grid, and each piece adds the signed area to its right, within its cell and in all cells after it in the row. The
running sum along a row is then the exact share of every cell, and 0 or 1 between two cells that edges touch. Cost grows
with the vertices and the cells on boundaries, not with the area, and all units are done in one pass. An edge that two
units share is cut once from the same end, so that the shares of a cell in them add up to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.transformer import TransformerGroup

from geontm.errors import CRSError
from geontm.tables import Grid, Issue, Window
from geontm.tables.issues import Severity

__all__ = ["Zones", "make_zones"]

STORED = pyproj.CRS.from_epsg(4326)
# Straight in degrees is not straight in metres: an edge of this length (°) strays by some 3 mm, one of 0.5° by 25 m.
LONGEST_EDGE = 0.005
# Coordinates of a cell are known to some 1e-11 of a cell: what is this near to a grid line lies on it, and a share this
# near to 0 or 1 is 0 or 1.
ON_LINE, NO_SHARE = 1e-10, 1e-12
UNIT = 2.0**52
LEAST_OUTSIDE, NOTABLE, TOO_MUCH = 1e-6, 1e-3, 1e-9
SHOWN = 10
# Vertices at a time, which bounds the memory beside the result to some 300 MB.
VERTICES_AT_ONCE = 500_000
STRIP_CELLS = 4_000_000


@dataclass(frozen=True)
class Zones:
    """The cells of one window of a grid, by unit.

    Attributes
    ----------
    grid : Grid
    window : Window
    codes : ndarray of str, shape (n,)
        Units in the order of the layer they came from.
    whole : ndarray of int32, shape (rows, cols)
        Position in ``codes`` of the unit that covers the whole cell; -1 for every other cell.
    cell : ndarray of int64, shape (m,)
        Cut cells: flat position in the window, ascending. A cell that several units share stands here once for each.
    unit : ndarray of int32, shape (m,)
        Position in ``codes`` of the unit that has a part of the cell; within a cell in the order of codes.
    share : ndarray of float64, shape (m,)
        Share of the cell's area (0 to 1) that lies in that unit.
    """

    grid: Grid
    window: Window
    codes: NDArray[np.str_]
    whole: NDArray[np.int32]
    cell: NDArray[np.int64]
    unit: NDArray[np.int32]
    share: NDArray[np.float64]

    def add_up(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum the values of cells by unit, those of cut cells by their share.

        Parameters
        ----------
        values : ndarray, shape (rows, cols)
            Finite; cells that do not count hold 0.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        n = len(self.codes)
        flat = np.asarray(values, dtype=np.float64).ravel()
        counted = np.bincount(self.whole.ravel() + 1, weights=flat, minlength=n + 1)[1:]
        cut = np.bincount(self.unit, weights=flat[self.cell] * self.share, minlength=n)
        return np.asarray(counted + cut, dtype=np.float64)

    def areas(self, chosen: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Measure each unit in cells, all of them or those chosen (shape (rows, cols)); shape (n,)."""
        n = len(self.codes)
        whole = self.whole.ravel() if chosen is None else self.whole[chosen]
        share = self.share if chosen is None else self.share * chosen.ravel()[self.cell]
        counted = np.bincount(whole + 1, minlength=n + 1)[1:]
        return np.asarray(counted + np.bincount(self.unit, weights=share, minlength=n), dtype=np.float64)

    def covered(self) -> NDArray[np.float64]:
        """Share of each cell (0 to 1) that lies in any of the units; shape (rows, cols)."""
        total = (self.whole >= 0).astype(np.float64).ravel()
        total += np.bincount(self.cell, weights=self.share, minlength=total.size)
        return np.asarray(total, dtype=np.float64).reshape(self.whole.shape)

    def rows(self, first: int, count: int) -> Zones:
        """Return the zones of some rows of the window, counted from its first, without copying whole cells."""
        window = Window(self.window.row + first, self.window.col, count, self.window.cols)
        cut = slice(*np.searchsorted(self.cell, [first * self.window.cols, (first + count) * self.window.cols]))
        return Zones(
            self.grid,
            window,
            self.codes,
            self.whole[first : first + count],
            self.cell[cut] - first * self.window.cols,
            self.unit[cut],
            self.share[cut],
        )

    def strips(self, cells: int = STRIP_CELLS) -> Iterator[Zones]:
        """Give the zones in strips of whole rows from north to south, of about ``cells`` cells each."""
        step = max(1, cells // max(self.window.cols, 1))
        for first in range(0, self.window.rows, step):
            yield self.rows(first, min(step, self.window.rows - first))


def make_zones(units: gpd.GeoDataFrame, grid: Grid, *, margin: int = 0) -> tuple[Zones, tuple[Issue, ...]]:
    """Find which cells of a grid lie in which unit, and the exact shares of those that boundaries cut.

    Parameters
    ----------
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        Polygons. Their edges are straight in degrees, and are followed in the plane of the grid to some millimetres.
    grid : Grid
        In degrees or metres; shares are of the cell's area in the plane of the grid.
    margin : int
        Cells around the units that the window holds besides, as far as the grid goes.

    Returns
    -------
    tuple of Zones, tuple of Issue
        The window is that of the units. Shares of a cell inside a clean coverage add up to 1 within 1e-9; shares of a
        unit times the area of a cell add up to the area of its polygon in the plane of the grid. Issues tell units
        without a shape, units that lie outside the grid, wholly or in part, and units that overlap.

    Raises
    ------
    CRSError
        The units are not in EPSG:4326, or no operation with a datum shift leads to the CRS of the grid.
    """
    if units.crs is None or not STORED.equals(units.crs, ignore_axis_order=True):
        raise CRSError("cover.not_stored_crs", where="units", layer="units", crs=str(units.crs))
    codes = np.asarray(units.index.astype(str), dtype=np.str_)
    shapes = _in_cells(units.geometry.to_numpy(), grid)
    window = _window(shapes, grid, margin)
    shapes = shapely.transform(shapes, lambda points: points - np.array([window.col, window.row]))

    boxes = shapely.bounds(shapes)
    meets = (boxes[:, 2] > 0) & (boxes[:, 0] < window.cols) & (boxes[:, 3] > 0) & (boxes[:, 1] < window.rows)
    parts = [_shares(shapes, chunk, window) for chunk in _chunks(shapes, np.flatnonzero(meets))]
    cuts, spans = _Cuts.joined([part[0] for part in parts]), _Spans.joined([part[1] for part in parts])
    n = len(codes)
    inside = np.bincount(cuts.unit, cuts.share, n).astype(np.float64)
    inside += np.bincount(spans.unit, spans.beyond - spans.first, n)
    whole, cuts = _burn(spans, cuts, window)
    # By code, not by position, so that the order of rows cannot touch a sum over the units of a cell.
    order = np.lexsort((ranks(codes)[cuts.unit], cuts.cell))
    zones = Zones(grid, window, codes, whole, cuts.cell[order], cuts.unit[order], cuts.share[order])
    return zones, tuple(_issues(units, zones, inside, shapely.area(shapes)))


def ranks(codes: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return the place of each code in the sorted order of all."""
    place = np.empty(len(codes), dtype=np.intp)
    place[np.argsort(codes, kind="stable")] = np.arange(len(codes))
    return place


def _in_cells(shapes: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """Move shapes to the grid, with columns to the right and rows downwards, valid and oriented.

    What lies within 1e-10 of a cell from a grid line is put on it.
    """
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes = np.where(drawn, shapely.force_2d(shapes), shapely.Polygon())
    if not grid.crs.equals(STORED, ignore_axis_order=True):
        move = _transformer(grid.crs).transform
        shapes = shapely.transform(shapely.segmentize(shapes, LONGEST_EDGE), move, interleaved=False)
    origin, size = np.array([grid.left, grid.top]), np.array([grid.cell_width, -grid.cell_height])

    def count(points: NDArray[np.float64]) -> NDArray[np.float64]:
        cells = (points - origin) / size
        lines = np.rint(cells)
        return np.asarray(np.where(np.abs(cells - lines) < ON_LINE, lines, cells), dtype=np.float64)

    shapes = shapely.transform(shapes, count)
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes[wrong] = [_areas_of(shape) for shape in shapely.make_valid(shapes[wrong])]
    return np.asarray(shapely.orient_polygons(shapes))


def _areas_of(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return shapely.multipolygons(parts) if len(parts) else shapely.Polygon()


def _transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    group = TransformerGroup(STORED, crs, always_xy=True)
    known = [one for one in group.transformers if "ballpark" not in one.description.lower()]
    if not known:
        raise CRSError("zones.crs_ballpark", where=crs.name, crs=crs.name)
    return known[0]


def _window(shapes: NDArray[Any], grid: Grid, margin: int) -> Window:
    """Tell the cells that shapes in cells touch; none where they lie outside."""
    if shapely.is_empty(shapes).all():
        return Window(0, 0, 0, 0)
    left, top, right, bottom = shapely.total_bounds(shapes)
    row, col = (min(max(int(np.floor(edge)) - margin, 0), most) for edge, most in ((top, grid.rows), (left, grid.cols)))
    end_row, end_col = int(np.ceil(bottom)) + margin, int(np.ceil(right)) + margin
    rows, cols = max(min(end_row, grid.rows) - row, 0), max(min(end_col, grid.cols) - col, 0)
    return Window(row, col, rows, cols) if rows and cols else Window(row, col, 0, 0)


def _chunks(shapes: NDArray[Any], chosen: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Give positions of shapes in groups of about as many vertices."""
    if len(chosen):
        group = np.cumsum(shapely.get_num_coordinates(shapes[chosen])) // VERTICES_AT_ONCE
        yield from np.split(chosen, np.flatnonzero(np.diff(group)) + 1)


@dataclass(frozen=True)
class _Cuts:
    """Cells that a unit has a part of."""

    cell: NDArray[np.int64]
    unit: NDArray[np.int32]
    share: NDArray[np.float64]

    @classmethod
    def joined(cls, parts: list[_Cuts]) -> _Cuts:
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(part.cell for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.unit for part in parts)]),
            np.concatenate([np.zeros(0), *(part.share for part in parts)]),
        )


@dataclass(frozen=True)
class _Spans:
    """Runs of cells in one row, which a unit covers whole: flat position of the first, and of the first beyond."""

    first: NDArray[np.int64]
    beyond: NDArray[np.int64]
    unit: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: list[_Spans]) -> _Spans:
        return cls(
            np.concatenate([np.zeros(0, np.int64), *(part.first for part in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(part.beyond for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.unit for part in parts)]),
        )


@dataclass(frozen=True)
class _Edges:
    """Straight edges going down (y0 < y1), with the sign of their direction and the position of their unit."""

    x0: NDArray[np.float64]
    y0: NDArray[np.float64]
    x1: NDArray[np.float64]
    y1: NDArray[np.float64]
    sign: NDArray[np.int64]
    unit: NDArray[np.int64]


def _edges(shapes: NDArray[Any], chosen: NDArray[np.intp], rows: int) -> _Edges:
    """Take the edges of shapes that cross rows of the window, cut at its top and bottom.

    An edge is turned so that it goes down, whichever unit it belongs to: two neighbours then compute the same numbers.
    """
    parts, owner = shapely.get_parts(shapes[chosen], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, unit = points[:-1][same], points[1:][same], chosen[owner[part[ring[1:][same]]]]
    down = start[:, 1] < end[:, 1]
    upper, lower = np.where(down[:, None], start, end), np.where(down[:, None], end, start)
    kept = (upper[:, 1] < lower[:, 1]) & (lower[:, 1] > 0) & (upper[:, 1] < rows)
    (x0, y0), (x1, y1) = upper[kept].T, lower[kept].T
    slope = (x1 - x0) / (y1 - y0)
    over, under = y0 < 0, y1 > rows
    x0, x1 = np.where(over, x0 - y0 * slope, x0), np.where(under, x1 - (y1 - rows) * slope, x1)
    # Rings go counter-clockwise where rows count downwards: what lies inside has its right-hand edge going down.
    sign = np.where(down[kept], -1, 1)
    return _Edges(x0, np.where(over, 0.0, y0), x1, np.where(under, float(rows), y1), sign, unit[kept].astype(np.int64))


def _cut_at_lines(
    a0: NDArray[np.float64], b0: NDArray[np.float64], a1: NDArray[np.float64], b1: NDArray[np.float64], most: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cut segments where their first coordinate is a whole number from 0 to ``most``.

    Returns
    -------
    tuple of ndarray
        The segment each piece is of, and the pieces' ends (a0, b0, a1, b1), in the direction of the segments.
    """
    low, high = np.minimum(a0, a1), np.maximum(a0, a1)
    first = np.clip(np.floor(low) + 1, 0, most + 1).astype(np.int64)
    last = np.clip(np.ceil(high) - 1, -1, most).astype(np.int64)
    lines = np.maximum(last - first + 1, 0)
    count = lines + 1
    of = np.repeat(np.arange(len(a0)), count)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    rising = (a1 >= a0)[of]
    # The n-th line met, seen from the start of the segment; beyond the last it is the segment's own end.
    line_before = np.where(rising, first[of] + nth - 1, last[of] - nth + 1)
    line_after = np.where(rising, first[of] + nth, last[of] - nth)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = ((b1 - b0) / (a1 - a0))[of]
        b_before, b_after = (b0[of] + (line - a0[of]) * slope for line in (line_before, line_after))
    is_first, is_last = nth == 0, nth == lines[of]
    return (
        of,
        np.where(is_first, a0[of], line_before),
        np.where(is_first, b0[of], b_before),
        np.where(is_last, a1[of], line_after),
        np.where(is_last, b1[of], b_after),
    )


def _shares(shapes: NDArray[Any], chosen: NDArray[np.intp], window: Window) -> tuple[_Cuts, _Spans]:
    """Find the shares of cells that edges touch, and the runs of whole cells between them."""
    rows, cols = window.rows, window.cols
    edges = _edges(shapes, chosen, rows)
    in_row, y0, x0, y1, x1 = _cut_at_lines(edges.y0, edges.x0, edges.y1, edges.x1, rows)
    in_cell, x0, y0, x1, y1 = _cut_at_lines(x0, y0, x1, y1, cols)
    edge = in_row[in_cell]
    middle = (x0 + x1) / 2
    # Left of the window an edge acts on its first column, right of it on none, which is the column after the last.
    col = np.clip(np.floor(middle), 0, cols).astype(np.int64)
    row = np.clip(np.floor((y0 + y1) / 2), 0, max(rows - 1, 0)).astype(np.int64)
    beyond = np.clip(middle - col, 0, 1)
    # Heights and areas in whole units of 2**-52 of a cell: their sums are exact, whatever their order, and zero along a
    # row that edges leave on both sides.
    height = np.rint((y1 - row) * UNIT).astype(np.int64) - np.rint((y0 - row) * UNIT).astype(np.int64)
    height *= edges.sign[edge]
    next_to = np.rint(height * beyond).astype(np.int64)
    stride = cols + 2
    key = (edges.unit[edge] * rows + row) * stride + col
    key, weight = np.concatenate([key, key + 1]), np.concatenate([height - next_to, next_to])
    order = np.argsort(key, kind="stable")
    key, weight = key[order], weight[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    # Along a row the changes add up to the share of each cell touched; up to the next one, the row stays on the last,
    # which is then 0 or 1, or less where an edge runs along the row.
    key, share = key[starts], np.cumsum(np.add.reduceat(weight, starts) if len(starts) else weight) / UNIT
    line, col = key // stride, key % stride
    ends = np.append(line[1:] != line[:-1], True)[: len(key)]
    following = np.where(ends, col + 1, np.append(col[1:], 0)[: len(key)])
    full = (col < cols) & (share >= 1 - NO_SHARE)
    part = (col < cols) & (share > NO_SHARE) & ~full
    unit, first = (line // max(rows, 1)).astype(np.int32), (line % max(rows, 1)) * cols + col
    length = following - col
    count = length[part]
    cuts = _Cuts(_runs(first[part], count), np.repeat(unit[part], count), np.repeat(share[part], count))
    return cuts, _Spans(first[full], (first + length)[full], unit[full])


def _runs(first: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count on from each first number, as often as its length says."""
    return np.repeat(first - (np.cumsum(length) - length), length) + np.arange(length.sum())


def _burn(spans: _Spans, cuts: _Cuts, window: Window) -> tuple[NDArray[np.int32], _Cuts]:
    """Write runs of whole cells into the window; where several units claim one, all of them have it as a cut cell."""
    order = np.lexsort((spans.unit, spans.first))
    spans = _Spans(spans.first[order], spans.beyond[order], spans.unit[order])
    latest = np.maximum.accumulate(spans.beyond)
    twice = np.zeros(len(order), dtype=np.bool_)
    twice[1:] |= spans.first[1:] < latest[:-1]
    twice[:-1] |= spans.first[1:] < spans.beyond[:-1]
    if twice.any():
        claimed = _Spans(spans.first[twice], spans.beyond[twice], spans.unit[twice])
        spans = _Spans(spans.first[~twice], spans.beyond[~twice], spans.unit[~twice])
        count = claimed.beyond - claimed.first
        cell = _runs(claimed.first, count)
        cuts = _Cuts.joined([cuts, _Cuts(cell, np.repeat(claimed.unit, count), np.ones(len(cell)))])
    whole = np.zeros(window.size + 1, dtype=np.int32)
    # No two runs begin, and no two end, at one cell.
    whole[spans.first] += spans.unit + 1
    whole[spans.beyond] -= spans.unit + 1
    np.cumsum(whole, out=whole)
    whole -= 1
    return whole[:-1].reshape(window.rows, window.cols), cuts


def _issues(
    units: gpd.GeoDataFrame, zones: Zones, inside: NDArray[np.float64], areas: NDArray[np.float64]
) -> Iterator[Issue]:
    """Tell what the grid does not show of the units; ``inside`` and ``areas`` are in cells."""
    names = units["commune_name"] if "commune_name" in units else pd.Series("", index=units.index)
    order = np.argsort(zones.codes, kind="stable")
    for position in order:
        code, name, area = str(zones.codes[position]), str(names.iloc[position]), areas[position]
        if not area > 0:
            yield Issue.of("warning", "zones.no_shape", column="geometry", value=code, code=code, name=name)
        elif not inside[position] > 0:
            yield Issue.of("warning", "zones.outside", column="geometry", value=code, code=code, name=name)
        elif (share := 1 - inside[position] / area) > LEAST_OUTSIDE:
            severity: Severity = "warning" if share >= NOTABLE else "info"
            yield Issue.of(
                severity, "zones.partly_outside", column="geometry", value=code, code=code, name=name, pct=share * 100
            )
    cell, of = np.unique(zones.cell, return_inverse=True)
    claims = np.bincount(of, weights=zones.share, minlength=len(cell)) + (zones.whole.ravel()[cell] >= 0)
    over = claims > 1 + TOO_MUCH
    if over.any():
        codes = sorted({str(code) for code in zones.codes[np.unique(zones.unit[over[of]])]})
        yield Issue.of(
            "warning", "zones.overlap", column="geometry", value=", ".join(codes[:SHOWN]),
            count=len(codes), cells=float((claims[over] - 1).sum()),
        )  # fmt: skip
