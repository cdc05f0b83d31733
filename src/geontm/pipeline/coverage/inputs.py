"""Reads what the section ``coverage:`` names and cuts it by province; measures nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.cover import Measured
from geontm.errors import SourceError
from geontm.load import (
    BridgeSource,
    LayerSlices,
    RasterKind,
    RoadSource,
    SiteSource,
    check_raster,
    content_sha256,
    file_sha256,
    open_raster,
    read_sites,
    slice_bridges,
    slice_lines,
    slice_roads,
)
from geontm.messages import say
from geontm.pipeline.account import Step
from geontm.pipeline.coverage.cache import Cache, code_stamp
from geontm.pipeline.coverage.stored import decode, digest, encode
from geontm.pipeline.coverage.suitable import check_places, check_slices, covers_by_kind, told_at
from geontm.project.coverage import CoverageSources
from geontm.tables import Issue

__all__ = ["CoverageInputs", "Slice", "prepare_coverage"]

LINES = ("roads", "bridges", "barriers")
RASTERS: tuple[RasterKind, ...] = ("population", "elevation", "landcover")
# The disk of the cache is full, or may not be written to: a run goes on without it.
NOT_WRITTEN = ("line_slices.no_space", "line_slices.write_failed")
# A degree is at least 100 km in Vietnam both ways: a halo that is never too narrow.
METRES_PER_DEGREE = 100_000.0


@dataclass(frozen=True)
class Slice:
    """The part of a layer that one province needs: its file and the sha256 of that."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class _Layer:
    """A layer of lines, cut: its slices by province, what was odd, and its length (km), each line once."""

    slices: dict[str, Slice]
    issues: tuple[Issue, ...]
    km: float


@dataclass(frozen=True)
class CoverageInputs:
    """Everything under ``coverage:``, checked and cut by province.

    Attributes
    ----------
    sources : CoverageSources
    slices : mapping
        Layer of lines to province to its slice.
    sites : mapping of str to GeoDataFrame
        ``water`` and kinds of facility; entries of one kind stand in one frame.
    within_m : mapping of str to float
        Distance (m) by kind of facility, where the project gives one.
    covers : mapping of str to tuple of str
        Provinces that a layer declares to cover; empty: the units it touches.
    road_km : float
        Length of the whole road layer, each road once.
    villages : GeoDataFrame or None
        Points with their ``commune_code``, ``population`` and ``household_count``.
    digests : mapping of str to str
        sha256 of each input by name, for the keys of the cache.
    issues : tuple of Issue
    folder : object
        Keeps a temporary folder of slices alive as long as it is needed.
    """

    sources: CoverageSources
    slices: Mapping[str, Mapping[str, Slice]] = field(default_factory=dict)
    sites: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    within_m: Mapping[str, float] = field(default_factory=dict)
    covers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    road_km: float = 0.0
    villages: gpd.GeoDataFrame | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    folder: Any = None


def prepare_coverage(
    sources: CoverageSources, units: gpd.GeoDataFrame, villages: pd.DataFrame | None, *, cache: Cache, step: Step
) -> CoverageInputs:
    """Open the rasters, read the sites, cut the lines by province.

    Parameters
    ----------
    sources : CoverageSources
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
    villages : DataFrame or None
        Index ``village_code``, with ``commune_code``, ``lon``, ``lat``.
    cache : Cache
        Where slices rest between runs.
    step : callable
        Told what begins.

    Raises
    ------
    SourceError, CRSError, TableError
        A file cannot be used, or lies elsewhere than the communes.
    """
    issues: list[Issue] = []
    digests: dict[str, str] = {}
    bounds = tuple(float(each) for each in units.total_bounds)
    for kind in RASTERS:
        paths = getattr(sources, kind)
        if paths:
            digests[kind] = digest([content_sha256(path) for path in paths])
            with told_at(sources.places.get(kind, "")):
                issues += _raster_issues(paths, kind, bounds, cache, digests[kind])
    sites, found = _sites(sources, units)
    issues += found
    points, found = _village_points(villages)
    issues += found
    digests |= {f"sites:{kind}": digest(frame) for kind, frame in sites.items()}
    if points is not None:
        digests["villages"] = digest(points)
    cut, folder = _slices(sources, units, cache, step)
    slices = {name: layer.slices for name, layer in cut.items()}
    issues += [issue for layer in cut.values() for issue in layer.issues]
    issues += check_slices(
        sources, {name: {area: each.path for area, each in by.items()} for name, by in slices.items()}
    )
    return CoverageInputs(
        sources=sources,
        slices=slices,
        sites=sites,
        within_m={each.kind: each.within_m for each in sources.facilities if each.within_m is not None},
        covers=covers_by_kind(sources),
        road_km=cut["roads"].km if "roads" in cut else 0.0,
        villages=points,
        digests=digests,
        issues=tuple(issues),
        folder=folder,
    )


def _raster_issues(
    paths: tuple[Path, ...], kind: RasterKind, bounds: tuple[float, ...], cache: Cache, sha256: str
) -> tuple[Issue, ...]:
    """Look at every value over the communes, unless an earlier run did so and let the raster pass."""
    key = digest(["raster", kind, [path.name for path in paths], sha256, bounds, code_stamp()])
    if (stored := cache.get(key)) is not None:
        return decode(stored).issues
    with open_raster(paths, kind=kind) as raster:
        left, bottom, right, top = bounds
        issues = (*raster.issues, *check_raster(raster, (left, bottom, right, top), kind=kind))
    cache.put(key, encode(Measured(pd.DataFrame(), issues=issues)))
    return issues


def _sites(sources: CoverageSources, units: gpd.GeoDataFrame) -> tuple[dict[str, gpd.GeoDataFrame], list[Issue]]:
    """Read water works and facilities; files of one kind are one layer."""
    frames: dict[str, list[gpd.GeoDataFrame]] = {}
    places: list[tuple[SiteSource, gpd.GeoDataFrame]] = []
    issues: list[Issue] = []
    for source in (*([sources.water] if sources.water else []), *sources.facilities):
        with told_at(source.where):
            read = read_sites(source)
        frames.setdefault(source.kind, []).append(read.frame)
        places.append((source, read.frame))
        issues += read.issues
    issues += check_places(sources, units, places)
    return {kind: pd.concat(each, ignore_index=True) for kind, each in frames.items()}, issues


def _village_points(villages: pd.DataFrame | None) -> tuple[gpd.GeoDataFrame | None, list[Issue]]:
    """Take the villages that have coordinates as points."""
    if villages is None or not {"lon", "lat"} <= set(villages):
        return None, []
    there = villages["lon"].notna() & villages["lat"].notna() & villages["commune_code"].notna()
    if not there.any():
        return None, [Issue.of("warning", "coverage.villages_without_point", column="lon", n=len(villages))]
    kept = villages[there].sort_index()
    named = kept["village_name"].astype("str") if "village_name" in kept else pd.Series(pd.NA, kept.index, dtype="str")
    frame = gpd.GeoDataFrame(
        {
            "commune_code": kept["commune_code"].astype("str"),
            "village_name": named,
            **{
                name: kept[name].astype("Float64") if name in kept else pd.Series(pd.NA, kept.index, dtype="Float64")
                for name in ("population", "household_count")
            },
        },
        geometry=shapely.points(kept["lon"].astype(float), kept["lat"].astype(float)),
        index=kept.index,
        crs=4326,
    )
    lost = int((~there).sum())
    return frame, [Issue.of("warning", "coverage.villages_without_point", column="lon", n=lost)] if lost else []


def _slices(
    sources: CoverageSources, units: gpd.GeoDataFrame, cache: Cache, step: Step
) -> tuple[dict[str, _Layer], Any]:
    """Cut every layer of lines by province, or find the slices of an earlier run."""
    wanted = {name: getattr(sources, name) for name in LINES if getattr(sources, name) is not None}
    if not wanted:
        return {}, None
    areas = _areas(units, sources.halo_m)
    outline = digest([[code, area.wkt] for code, area in sorted(areas.items())])
    found: dict[str, _Layer] = {}
    root, temporary = cache.folder / "slices", None
    if not _can_hold(root, cache):
        temporary = _Scratch()
        root = temporary.folder
    for name, source in wanted.items():
        settings = {key: value for key, value in vars(source).items() if key not in ("path", "where")}
        key = digest([name, source.path.name, content_sha256(source.path), settings, outline, code_stamp()])
        kept = _kept_slices(cache, key, root / key)
        if kept is None:
            step(say("coverage.slicing", layer=source.path.name))
            with told_at(source.where):
                try:
                    kept = _make_slices(name, source, areas, root / key, cache, key)
                except SourceError as full:
                    if temporary is not None or full.message.id not in NOT_WRITTEN:
                        raise
                    temporary = _Scratch()
                    root = temporary.folder
                    kept = _make_slices(name, source, areas, root / key, cache, key)
        found[name] = kept
    return found, temporary


class _Scratch:
    """A folder that goes with the last one who holds this."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="geontm-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


def _can_hold(folder: Path, cache: Cache) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return cache.kept and os.access(folder, os.W_OK)


def _cut(name: str, source: RoadSource | BridgeSource, areas: Mapping[str, Any], folder: Path) -> LayerSlices:
    if isinstance(source, RoadSource):
        return slice_roads(source, areas, folder)
    if name == "bridges":
        return slice_bridges(source, areas, folder)
    return slice_lines(source.path, areas, folder, layer=source.layer)


def _make_slices(
    name: str, source: RoadSource | BridgeSource, areas: Mapping[str, Any], folder: Path, cache: Cache, key: str
) -> _Layer:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made beside its place, so that another run never meets half of it.
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".part-"))
    try:
        made = _cut(name, source, areas, beside)
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    paths = {area: folder / path.name for area, path in sorted(made.paths.items())}
    slices = {area: Slice(path, file_sha256(path)) for area, path in paths.items()}
    table = pd.DataFrame(
        {"file": [each.path.name for each in slices.values()], "sha256": [each.sha256 for each in slices.values()]},
        index=pd.Index(list(slices), name="area", dtype="str"),
        dtype="str",
    )
    length = pd.DataFrame({"km": [made.km]})
    cache.put(key, encode(Measured(table, {"length": length}, tuple(made.issues))))
    return _Layer(slices, tuple(made.issues), made.km)


def _kept_slices(cache: Cache, key: str, folder: Path) -> _Layer | None:
    """Return the slices of an earlier run where all of them are there and whole."""
    stored = cache.get(key)
    if stored is None:
        return None
    told = decode(stored)
    slices = {str(area): Slice(folder / file, sha256) for area, file, sha256 in told.table.itertuples()}
    if all(each.path.is_file() and file_sha256(each.path) == each.sha256 for each in slices.values()):
        cache.touch(*(each.path for each in slices.values()))
        return _Layer(slices, told.issues, float(told.more["length"]["km"].iloc[0]))
    return None


def _areas(units: gpd.GeoDataFrame, halo_m: float) -> dict[str, Any]:
    """Return, by province, an area that holds every unit with a halo: boxes around the units, as one shape."""
    known = units[~(units.geometry.isna() | units.geometry.is_empty)]
    halo = halo_m / METRES_PER_DEGREE
    boxes = shapely.box(*(known.bounds.to_numpy() + np.array([-halo, -halo, halo, halo])).T)
    provinces = known["province_code"].fillna("").to_numpy()
    return {str(code): shapely.union_all(boxes[provinces == code]) for code in sorted(set(provinces))}
