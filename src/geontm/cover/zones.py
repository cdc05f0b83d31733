"""How the cells of a raster fall into units: whole cells by the unit that holds them, cut cells by exact shares."""

from __future__ import annotations

import warnings
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

from geontm.cover.cell_shares import Cuts, Spans, burn, chunks_of, find_shares
from geontm.errors import CRSError
from geontm.tables import Grid, Issue, Window, list_briefly
from geontm.tables.issues import Severity

__all__ = ["Zones", "make_zones"]

STORED = pyproj.CRS.from_epsg(4326)
# Straight in degrees is not straight in metres: an edge of this length (°) strays by some 3 mm, one of 0.5° by 25 m.
LONGEST_EDGE = 0.005
# Coordinates are known to some 1e-11 of a cell: what is this near to a grid line lies on it.
ON_LINE = 1e-10
LEAST_OUTSIDE, NOTABLE, TOO_MUCH = 1e-6, 1e-3, 1e-9
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

    def covered_at(self, cells: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return what :meth:`covered` says of some cells, given by flat position in ascending order."""
        part, place = self.parts_of(cells)
        total = (self.whole.ravel()[cells] >= 0).astype(np.float64)
        total += np.bincount(place, weights=self.share[part], minlength=len(cells))
        return total

    def parts_of(self, cells: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Find parts of cut cells among ``cells`` (ascending): which of ``cell``, and where each is in ``cells``."""
        place = np.searchsorted(cells, self.cell)
        part = np.flatnonzero(place < len(cells))
        part = part[cells[place[part]] == self.cell[part]]
        return part, place[part]

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
    parts = [find_shares(shapes, chunk, window) for chunk in chunks_of(shapes, np.flatnonzero(meets))]
    cuts, spans = Cuts.joined([part[0] for part in parts]), Spans.joined([part[1] for part in parts])
    n = len(codes)
    inside = np.bincount(cuts.unit, cuts.share, n).astype(np.float64)
    inside += np.bincount(spans.unit, spans.beyond - spans.first, n)
    whole, cuts = burn(spans, cuts, window)
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
    with warnings.catch_warnings():
        # PROJ mentions grids it could download; geontm never does, and takes the best operation at hand.
        warnings.simplefilter("ignore", UserWarning)
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


def _issues(
    units: gpd.GeoDataFrame, zones: Zones, inside: NDArray[np.float64], areas: NDArray[np.float64]
) -> Iterator[Issue]:
    """Tell what the grid does not show of the units; ``inside`` and ``areas`` are in cells."""
    names = units["commune_name"] if "commune_name" in units else pd.Series("", index=units.index)
    order = np.argsort(zones.codes, kind="stable")
    with np.errstate(divide="ignore", invalid="ignore"):
        doubtful = ~(1 - inside / areas <= LEAST_OUTSIDE)
    for position in order[doubtful[order]]:
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
            "warning", "zones.overlap", column="geometry", value=list_briefly(codes),
            count=len(codes), cells=float((claims[over] - 1).sum()),
        )  # fmt: skip
