"""The land around the units of a project, drawn in grey and named: neighbouring provinces, neighbouring countries.

Also the small outline of Vietnam for locators, with both archipelagos, and the names of the seas.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geontm.messages import Language, say
from geontm.tables import Label

__all__ = ["ARCHIPELAGOS", "foreign_lands", "is_national", "locator", "seas", "surround"]

# Hoàng Sa (đặc khu of Đà Nẵng) and Trường Sa (of Khánh Hòa): on every national map, every locator, every page.
ARCHIPELAGOS = ("20333", "22736")

_PREFIX = r"^(?:Tỉnh|Thành phố)\s+"
_FRAGMENT = 0.05  # square degrees, about 600 km²: less is a fragment that a difference left
_TAIL = 0.012  # degrees, about 1.3 km: leftovers narrower than twice this are where two layers disagree on a coast
_HAIR = 1e-5  # degrees, about a metre
_OPEN, _ALONG = 0.02, 0.1  # of the way round a gap: most that may be open, least that is the neighbour's
_STRIP = 0.15  # degrees beyond the strip along the border in which units may reach over it
_SEAS: dict[str, tuple[tuple[float, float], ...]] = {
    "east_sea": (
        (112.6, 13.4), (110.6, 14.6), (110.6, 11.6), (108.6, 9.3), (109.2, 16.9), (107.4, 9.0), (109.9, 13.2),
        (109.6, 11.0), (108.9, 10.5), (109.6, 15.2), (108.4, 17.0), (107.0, 9.4), (106.2, 8.5),
    ),
    "gulf_tonkin": (
        (107.5, 19.6), (107.0, 20.0), (107.7, 20.72), (107.95, 21.08), (108.1, 21.1), (106.8, 19.4),
        (107.3, 18.4), (107.4, 20.4), (108.3, 20.8), (106.4, 18.9), (107.8, 17.6),
    ),
    "gulf_thailand": ((102.3, 9.8), (103.4, 9.4), (103.3, 8.4), (104.1, 9.3), (104.3, 9.8), (103.7, 9.9)),
}  # fmt: skip
_WHOLE = 0.9  # a project with so much of the country's land is one of the nation
Shapes = NDArray[np.object_]


def surround(
    units: gpd.GeoDataFrame,
    country: gpd.GeoDataFrame,
    *,
    around: gpd.GeoDataFrame | None = None,
    same_codes: bool = True,
) -> gpd.GeoDataFrame:
    """Return the land around a project: ``Content.context``. It meets the units' own outlines and never covers them.

    Parameters
    ----------
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
        The units of the project; a geometry may be null.
    country : GeoDataFrame, index ``commune_code``, EPSG:4326
        Units of the whole country (schematic), with ``province_code``, ``province_name`` and, where some are drawn as
        discs at sea, ``drawn``.
    around : GeoDataFrame, index ``commune_code``, EPSG:4326, optional
        Units next to those of the project, from the same layer: there the edges meet exactly.
    same_codes : bool
        The codes of ``units`` are those of ``country``. Without, the rest of the country bears no names, for its
        provinces are of another time.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        ``name`` and ``name_en`` (empty: no name is drawn), ``kind`` (``province``, ``archipelago``, ``country``,
        ``land``), ``geometry``. Provinces and archipelagos by code, then countries by code.

    Notes
    -----
    Foreign land is that of Natural Earth. Where the units lie within it they win; where land that Natural Earth gives
    to Vietnam is no unit's, it goes to the neighbour on land: at most 12 km from the border as Natural Earth has it,
    2.2 km near its two ends at the sea, and never into the sea.
    """
    ring = around if around is not None and len(around) else units.iloc[:0]
    rest = _rest_of_vietnam(units, country, ring, same_codes=same_codes)
    grey = rest.geometry[rest["kind"] != "archipelago"]
    foreign = _foreign_land([_known(units.geometry), _known(ring.geometry), _known(grey)])
    return gpd.GeoDataFrame(pd.concat([rest, foreign], ignore_index=True), crs="EPSG:4326")


def locator(lang: Language = "vi") -> gpd.GeoDataFrame:
    """Return the outline of Vietnam for a map of a few centimetres.

    Returns
    -------
    GeoDataFrame, 36 rows, EPSG:4326
        ``code`` (of the province; ``20333`` and ``22736`` for the archipelagos), ``name`` in the language, ``use``
        (``province``, ``archipelago``) and ``geometry``: provinces thinned to some 2.5 km, islets of the archipelagos
        as dots larger than they are. Schematic: for display only.
    """
    frame = _shipped("locator").copy()
    named = frame["name"].str.replace(_PREFIX, "", regex=True)
    places = [say(f"publish.page_place_{code}", lang) if code in ARCHIPELAGOS else "" for code in frame["code"]]
    frame["name"] = [place or name for place, name in zip(places, named, strict=True)]
    return frame


def foreign_lands() -> gpd.GeoSeries:
    """Return the land of other countries for a map of a few centimetres: without it Vietnam would lie in the sea.

    Returns
    -------
    GeoSeries, EPSG:4326
        As Natural Earth has it, in a fixed order; it does not meet Vietnam's outline exactly, so it is drawn below.
    """
    shipped = _shipped("lands")
    return shipped.geometry[shipped["use"] == "land"].reset_index(drop=True)


def seas() -> tuple[tuple[Label, tuple[tuple[float, float], ...]], ...]:
    """Return the names of the seas, and for each the places (lon, lat) where it may stand: the best one first."""
    return tuple((_label(f"place_{key}"), places) for key, places in _SEAS.items())


def is_national(units: gpd.GeoDataFrame) -> bool:
    """Tell whether a project is one of the whole country: its frame is the country's, archipelagos included or not."""
    known = units.geometry[units.geometry.notna()]
    if known.empty:
        return False
    mainland = _shipped("locator")
    mainland = mainland[mainland["use"] == "province"]
    points = shapely.point_on_surface(mainland.geometry.to_numpy())
    covered = shapely.STRtree(known.to_numpy()).query(points, predicate="intersects")[0]
    return len(np.unique(covered)) >= _WHOLE * len(points)


def _rest_of_vietnam(
    units: gpd.GeoDataFrame,
    country: gpd.GeoDataFrame,
    ring: gpd.GeoDataFrame,
    *,
    same_codes: bool,
) -> gpd.GeoDataFrame:
    """Return the provinces that the project leaves out, or leaves in part, and the archipelagos that are not in it."""
    drawn = set(units.index[units.geometry.notna()]) if same_codes else set()
    others = country[~country.index.isin([*drawn, *ARCHIPELAGOS]) & country.geometry.notna()].sort_index()
    near = ring[ring.geometry.notna()].sort_index()
    near = near[~near.index.isin(ARCHIPELAGOS)] if same_codes else near
    taken = [_known(units.geometry), _known(near.geometry)]
    rows = []
    if same_codes:
        homes = country["province_code"].reindex(near.index)
        shapes = []
        for code, name in _provinces(country).items():
            drawn_here = _known(others.geometry[others["province_code"] == code])
            mine = _known(near.geometry[homes == code])
            # Schematic land of a province up to its own units next to the project: no seam between the two.
            far = _without(_union(drawn_here), [taken[0], _known(near.geometry[homes != code])])
            shapes.append((name, shapely.union_all([_without_tails(far), *mine])))
        filled = _without_holes([shape for _, shape in shapes], taken[0])
        rows += [("province", Label(name, name), shape) for (name, _), shape in zip(shapes, filled, strict=True)]
    else:
        far = _without(_union(_known(_without_discs(others, taken[0]).geometry)), taken)
        rows.append(("land", Label("", ""), shapely.union_all([_without_tails(far), *taken[1]])))
    islands = dict(_shipped("locator")[["code", "geometry"]].itertuples(index=False, name=None))
    for code in ARCHIPELAGOS:
        if code not in drawn and not shapely.intersects(taken[0], islands[code].envelope).any():
            rows.append(("archipelago", _label(f"place_{code}"), islands[code]))
    rows = [(kind, name, _areas(shape)) for kind, name, shape in rows]
    return _frame([row for row in rows if not row[2].is_empty])


def _without_discs(others: gpd.GeoDataFrame, units: Shapes) -> gpd.GeoDataFrame:
    """Leave out discs at sea that meet the units: they stand for islands that the units draw themselves."""
    if "drawn" not in others:
        return others
    meets = np.zeros(len(others), dtype=bool)
    meets[shapely.STRtree(others.geometry.to_numpy()).query(units, predicate="intersects")[1]] = True
    return others[~(meets & (others["drawn"] == "disc").to_numpy(dtype=bool))]


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep what has an area: where edges fall together, lines and points are left over."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]))


def _without_holes(shapes: list[shapely.Geometry], units: Shapes) -> list[shapely.Geometry]:
    """Give the gaps that two layers leave between provinces, and to the project, to the first province beside each."""
    whole = shapely.union_all([*(shape for shape in shapes if not shape.is_empty), _union(units)])
    outer = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(whole)))
    holes = shapely.get_parts(shapely.difference(shapely.union_all(outer), whole))
    given: dict[int, list[shapely.Geometry]] = {}
    tree = shapely.STRtree(shapes)
    for hole in holes[shapely.area(holes) < _FRAGMENT]:
        beside = tree.query(hole, predicate="dwithin", distance=_HAIR)
        if len(beside):
            given.setdefault(int(beside.min()), []).append(hole)
    return [shapely.union_all([shape, *given.get(number, ())]) for number, shape in enumerate(shapes)]


def _frame(rows: list[tuple[str, Label, shapely.Geometry]]) -> gpd.GeoDataFrame:
    table = {
        "name": pd.array([name.vi for _, name, _ in rows], dtype="str"),
        "name_en": pd.array([name.en for _, name, _ in rows], dtype="str"),
        "kind": pd.array([kind for kind, *_ in rows], dtype="str"),
    }
    return gpd.GeoDataFrame(table, geometry=[shape for *_, shape in rows], crs="EPSG:4326")


def _provinces(country: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the short names of the provinces by code, in ascending order."""
    names = country.groupby("province_code", sort=True)["province_name"].first().astype("str")
    return dict(names.str.replace(_PREFIX, "", regex=True))


def _foreign_land(vietnam: list[Shapes]) -> gpd.GeoDataFrame:
    """Return the countries around, grown to meet Vietnam's outlines and cut where these reach over."""
    shipped = _shipped("lands")
    rows = []
    for code in sorted(set(shipped["code"]), key=lambda code: (not code, code)):
        uses = shipped.loc[shipped["code"] == code, ["use", "geometry"]]
        mine = dict(uses.itertuples(index=False, name=None))
        land = mine["land"]
        if "reach" in mine:
            strip = mine["reach"].buffer(_STRIP)
            land = _large(_without(shapely.union(land, mine["reach"]), vietnam, within=strip))
            if "shore" in mine:
                land = shapely.union_all([land, *_gaps(mine["shore"], land, vietnam)])
        rows.append(("country", _label(f"place_{code}"), land) if code else ("land", Label("", ""), land))
    return _frame(rows)


def _without(
    shape: shapely.Geometry, coverages: list[Shapes], *, within: shapely.Geometry | None = None
) -> shapely.Geometry:
    """Cut units out of a shape; each group of units is a coverage of its own."""
    for units in coverages:
        met = units[np.sort(shapely.STRtree(units).query(within or shape, predicate="intersects"))]
        if len(met):
            shape = shapely.difference(shape, _union(met))
    return shape


def _large(shape: shapely.Geometry) -> shapely.Geometry:
    """Leave out fragments that a difference left: beside Vietnam's land they are nobody's, and often at sea."""
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(parts[shapely.area(parts) >= _FRAGMENT]))


def _gaps(shore: shapely.Geometry, land: shapely.Geometry, vietnam: list[Shapes]) -> list[shapely.Polygon]:
    """Return the gaps by the shore between a neighbour's land and Vietnam's: no side of them is open to the sea."""
    pieces = shapely.get_parts(shapely.difference(_without(shore, vietnam), land))
    frame = shapely.box(*shapely.bounds(shore)).buffer(_STRIP)
    near = [units[np.sort(shapely.STRtree(units).query(frame, predicate="intersects"))] for units in vietnam]
    coasts = [shapely.get_parts(shapely.intersection(shapely.boundary(each), frame)) for each in (land, *near)]
    foreign, every = shapely.STRtree(coasts[0]), shapely.STRtree(np.concatenate(coasts))
    return [piece for piece in pieces if _along(piece, every) >= 1 - _OPEN and _along(piece, foreign) >= _ALONG]


def _along(piece: shapely.Polygon, sides: shapely.STRtree) -> float:
    """Return the part of a piece's way round that runs along some side."""
    ring = shapely.get_coordinates(shapely.get_exterior_ring(piece))
    lengths = np.hypot(*np.diff(ring, axis=0).T)
    middle = shapely.points((ring[1:] + ring[:-1]) / 2)
    met = np.zeros(len(middle), dtype=bool)
    met[sides.query(middle, predicate="dwithin", distance=_HAIR)[0]] = True
    return float(lengths[met].sum() / max(lengths.sum(), _HAIR))


def _without_tails(shape: shapely.Geometry) -> shapely.Geometry:
    """Take away what is narrow: there two layers differ, and neither draws land of its own."""
    if shape.is_empty:
        return shape
    opened = shape.buffer(-_TAIL, join_style="mitre").buffer(1.05 * _TAIL, join_style="mitre")
    return shapely.intersection(shape, opened)


def _known(shapes: gpd.GeoSeries) -> Shapes:
    found = shapes[shapes.notna() & ~shapes.is_empty].to_numpy()
    return np.asarray(found, dtype=object)


def _union(shapes: Shapes) -> shapely.Geometry:
    """Unite shapes: quickly where they share their edges, thoroughly where they overlap."""
    if not len(shapes):
        return shapely.Polygon()
    try:
        united = shapely.coverage_union_all(shapes)
    except shapely.errors.GEOSException:  # the units are no coverage
        united = None
    if united is not None and united.is_valid:
        return united
    return shapely.union_all(shapely.make_valid(shapes))


def _label(key: str) -> Label:
    return Label(say(f"publish.page_{key}", "vi"), say(f"publish.page_{key}", "en"))


@lru_cache(maxsize=2)
def _shipped(name: str) -> gpd.GeoDataFrame:
    with as_file(files("geontm").joinpath("data", "surroundings", f"{name}.parquet")) as path:
        return gpd.read_parquet(path)
