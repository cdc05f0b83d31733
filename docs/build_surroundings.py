"""Builds what geontm draws around its maps: foreign land in grey, and the small outline of the locators.

    python docs/build_surroundings.py FOLDER

FOLDER holds ``world-atlas-2.0.2.tgz`` (``npm pack world-atlas@2.0.2``). Writes ``src/geontm/data/surroundings/``; the
same package gives the same files. What is drawn and what is not is said in ``SOURCE.yaml`` there.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src" / "geontm" / "data" / "surroundings"
PACKAGE, MEMBER = "world-atlas-2.0.2.tgz", "package/countries-10m.json"
SHA256 = "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79"
METRIC = "+proj=lcc +lat_1=11 +lat_2=21 +lat_0=16 +lon_0=107 +datum=WGS84 +units=m +no_defs"

VIETNAM = "704"
NAMED = {"116": "kh", "156": "cn", "418": "la", "764": "th"}  # their names are messages; other land bears none
NEIGHBOURS = ("156", "418", "116")
# As far as a page that shows the whole country may see on a wide screen.
CLIP = shapely.box(90, -2, 128, 31)
NEAR = shapely.box(101, 7.5, 110.5, 24.5)
NEAR_M, FAR_M = 450.0, 5_000.0
# The rectangles of the two archipelagos, 20333 and 22736: no other land is drawn in them, whatever the source says.
ARCHIPELAGOS = (shapely.box(111.0, 15.5, 113.0, 17.3), shapely.box(109.3, 7.05, 118.0, 11.7))
LEAST_KM2 = 5_000  # smaller islands of others are left out; Hainan (34,000) stays

# Land that the source gives to Vietnam and a project's own layer does not: a gap is closed up to here.
REACH_M, REACH_AT_COAST_M, COAST_M = 12_000.0, 2_200.0, 17_000.0

# Features of the two archipelagos, as dots on the locator: degrees, to about a kilometre.
ISLANDS = {
    "20333": [
        (111.20, 15.78), (111.51, 16.06), (111.61, 16.53), (111.61, 16.45), (111.58, 16.67), (111.71, 16.45),
        (111.76, 16.58), (111.74, 16.67), (112.33, 16.83), (112.34, 16.95), (112.27, 16.98), (112.21, 16.91),
        (112.44, 16.34), (112.54, 16.08), (112.73, 16.67), (111.20, 16.58), (111.55, 17.09),
    ],
    "22736": [
        (111.92, 8.65), (111.68, 8.81), (112.35, 8.85), (112.90, 8.87), (113.02, 9.55), (112.92, 7.89), (113.32, 8.17),
        (113.69, 8.97), (113.98, 8.81), (113.90, 7.98), (114.33, 11.43), (114.36, 11.45), (114.28, 11.05),
        (114.48, 10.37), (114.37, 10.18), (114.36, 10.38), (114.22, 10.25), (114.70, 10.21), (114.33, 9.89),
        (114.25, 9.72), (114.50, 9.91), (114.65, 9.97), (115.02, 11.08), (115.80, 10.73), (116.15, 10.00),
        (115.53, 9.90), (115.93, 8.49), (117.30, 10.30), (117.80, 10.98), (109.70, 7.52), (110.61, 8.09),
        (111.58, 7.57),
    ],
}  # fmt: skip
DOT_DEGREES = 0.055


def main(folder: Path) -> None:
    """Write both files from the package in a folder."""
    with tarfile.open(folder / PACKAGE) as package:
        member = package.extractfile(MEMBER)
        assert member is not None
        data = member.read()
    assert hashlib.sha256(data).hexdigest() == SHA256, "another edition of world-atlas"
    shapes, borders = read_countries(json.loads(data))
    TARGET.mkdir(exist_ok=True)
    for name, frame in (("lands", lands(shapes, borders)), ("locator", locator())):
        path = TARGET / f"{name}.parquet"
        frame.to_parquet(path, index=False, compression="zstd", compression_level=19)
        print(path.name, path.stat().st_size, len(frame), hashlib.sha256(path.read_bytes()).hexdigest())


def read_countries(atlas: dict) -> tuple[dict[str, shapely.Geometry], dict[str, shapely.Geometry]]:
    """Decode the arcs; return the land of each country by its number, and Vietnam's border with each neighbour."""
    scale, shift = (np.array(atlas["transform"][key]) for key in ("scale", "translate"))
    whole = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in atlas["arcs"]]
    thin = [simplify_arc(arc) for arc in whole]
    shapes: dict[str, list] = {}
    used: dict[str, set[int]] = {}
    for entry in atlas["objects"]["countries"]["geometries"]:
        if entry["type"] is None:
            continue
        number = entry.get("id") or ""
        polygons = entry["arcs"] if entry["type"] == "MultiPolygon" else [entry["arcs"]]
        for rings in polygons:
            lines = [join_arcs(thin, ring) for ring in rings]
            if len(lines[0]) < 4:  # an islet that the tolerance has swallowed
                continue
            polygon = shapely.make_valid(shapely.Polygon(lines[0], [line for line in lines[1:] if len(line) > 3]))
            if polygon.intersects(CLIP):
                shapes.setdefault(number, []).append(polygon)
            used.setdefault(number, set()).update(arc if arc >= 0 else ~arc for ring in rings for arc in ring)
    borders = {
        number: shapely.multilinestrings(
            [shapely.linestrings(whole[arc]) for arc in sorted(used[VIETNAM] & used[number])]
        )
        for number in NEIGHBOURS
    }
    return {number: shapely.union_all(parts) for number, parts in shapes.items()}, borders


def simplify_arc(arc: np.ndarray) -> np.ndarray:
    """Thin an arc, its ends apart: finely near Vietnam, coarsely elsewhere."""
    near = (arc[:, 0] > 101) & (arc[:, 0] < 110.5) & (arc[:, 1] > 7.5) & (arc[:, 1] < 24.5)
    cuts = [0, *(np.flatnonzero(np.diff(near.astype(int))) + 1), len(arc) - 1]
    pieces = []
    for begin, end in pairwise(cuts):
        if end <= begin:
            continue
        piece = arc[begin : end + 1]
        tolerance = (NEAR_M if near[begin] else FAR_M) / 111_000
        pieces.append(shapely.get_coordinates(shapely.simplify(shapely.linestrings(piece), tolerance))[:-1])
    return np.vstack([*pieces, arc[-1:]])


def join_arcs(arcs: list[np.ndarray], ring: list[int]) -> np.ndarray:
    """Walk a ring: the number of an arc that is walked backwards is ``~number``."""
    lines = [arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in ring]
    return np.vstack([lines[0], *(line[1:] for line in lines[1:])])


def lands(shapes: dict[str, shapely.Geometry], borders: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return foreign land by country, and what each may reach into Vietnam's land of the source to close a gap."""
    vietnam = shapes.pop(VIETNAM)
    reach = reaches(vietnam, borders, shapes)
    rows = []
    for number in (*NAMED, ""):
        own = [shapes[number]] if number else [shape for key, shape in sorted(shapes.items()) if key not in NAMED]
        land = large_parts(shapely.intersection(shapely.union_all(own), CLIP))
        code = NAMED.get(number, "")
        rows.append({"code": code, "use": "land", "geometry": land})
        rows += [{"code": code, "use": use, "geometry": strip} for use, strip in reach.get(number, {}).items()]
    frame = gpd.GeoDataFrame(rows, crs=4326)
    frame["geometry"] = [shapely.make_valid(shapely.set_precision(shape, 1e-4)) for shape in frame.geometry]
    return frame


def large_parts(land: shapely.Geometry) -> shapely.Geometry:
    """Leave out small islands, and everything in the rectangles of the two archipelagos."""
    parts = shapely.get_parts(land)
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    km2 = gpd.GeoSeries(parts, crs=4326).to_crs(METRIC).area.to_numpy() / 1e6
    inside = np.any([shapely.intersects(parts, box) for box in ARCHIPELAGOS], axis=0)
    kept = parts[(km2 >= LEAST_KM2) & ~inside]
    return shapely.multipolygons(list(kept))


def reaches(
    vietnam: shapely.Geometry, borders: dict[str, shapely.Geometry], shapes: dict[str, shapely.Geometry]
) -> dict[str, dict[str, shapely.Geometry]]:
    """Return for each neighbour the strip along the border, inside what the source calls Vietnam's land and its own.

    ``reach``: as far as it may grow; ``shore``: what is farther than it may at the two ends at the sea.
    """
    lines = gpd.GeoSeries(borders, crs=4326).to_crs(METRIC)
    home = gpd.GeoSeries([vietnam], crs=4326).to_crs(METRIC).iloc[0]
    ends = coastal_ends(shapely.line_merge(shapely.union_all(lines.to_numpy())))
    at_coast = shapely.buffer(shapely.multipoints(ends), COAST_M, quad_segs=4)
    found: dict[str, dict[str, shapely.Geometry]] = {}
    taken = shapely.Polygon()
    for number, line in lines.items():
        land = gpd.GeoSeries([shapes[number]], crs=4326).to_crs(METRIC).iloc[0]
        # The land of the neighbour itself is in the strip too: so the two overlap, and no hair stays between them.
        ground = shapely.difference(shapely.union(home, land), taken)
        # Where two thinned lines cross, a hair of neither land is left: closed, but for the coast.
        closed = shapely.buffer(shapely.buffer(shapely.intersection(ground, strip_of(line, REACH_M)), 1_000), -1_000)
        ground = shapely.union(ground, shapely.difference(closed, shapely.union(at_coast, taken)))
        broad, narrow = (shapely.intersection(strip_of(line, reach), ground) for reach in (REACH_M, REACH_AT_COAST_M))
        strips = {
            "reach": shapely.union(shapely.difference(broad, at_coast), shapely.intersection(narrow, at_coast)),
            # With the water: a river's mouth between the two lands is no sea.
            "shore": shapely.intersection(strip_of(line, REACH_M), shapely.buffer(at_coast, 300)),
        }
        taken = shapely.union(taken, shapely.intersection(broad, home))
        degrees = gpd.GeoSeries(strips, crs=METRIC).to_crs(4326)
        found[str(number)] = {use: strip for use, strip in degrees.items() if not strip.is_empty}
    return found


def strip_of(line: shapely.Geometry, reach_m: float) -> shapely.Geometry:
    """Return what is within a distance of a line."""
    return shapely.buffer(shapely.simplify(line, reach_m / 8), reach_m, quad_segs=3)


def coastal_ends(line: shapely.Geometry) -> np.ndarray:
    """Return the two points where the whole land border comes to the sea."""
    lines = shapely.get_parts(line)
    ends = shapely.get_coordinates([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    unique, counts = np.unique(np.round(ends), axis=0, return_counts=True)
    return unique[counts == 1]


def locator() -> gpd.GeoDataFrame:
    """Return the provinces of the schematic layer, thinned together, and the two archipelagos as dots."""
    units = gpd.read_parquet(ROOT / "boundaries" / "schematic-communes-2025.parquet")
    mine = units["commune_code"].isin(list(ISLANDS))
    provinces = units[~mine].dissolve("province_code")[["province_name", "geometry"]].sort_index()
    metric = provinces.geometry.to_crs(METRIC).to_numpy()
    parts = shapely.coverage_simplify(metric, 2_500)
    thin = gpd.GeoSeries(parts, crs=METRIC).to_crs(4326)
    rows = [
        {"code": code, "name": name, "use": "province", "geometry": shape}
        for code, name, shape in zip(provinces.index, provinces["province_name"], thin, strict=True)
    ]
    for code, places in ISLANDS.items():
        dots = shapely.union_all(shapely.buffer(shapely.points(places), DOT_DEGREES, quad_segs=2))
        name = units.loc[units["commune_code"] == code, "commune_name"].iloc[0]
        rows.append({"code": code, "name": name, "use": "archipelago", "geometry": dots})
    frame = gpd.GeoDataFrame(rows, crs=4326)
    frame["geometry"] = [shapely.make_valid(shapely.set_precision(shape, 1e-4)) for shape in frame.geometry]
    return frame


if __name__ == "__main__":
    main(Path(sys.argv[1]))
