"""Refuses layers that are sound in themselves and cannot be meant: of another place, empty, complete for elsewhere.

A layer that declares to cover a province and has nothing there would say that nobody in it has a road.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow.parquet as pq

from geontm.errors import GeontmError, ProjectError, SourceError
from geontm.load import SiteSource
from geontm.project.coverage import CoverageSources
from geontm.tables import Issue

__all__ = ["check_places", "check_slices", "covers_by_kind", "told_at"]

# Nobody goes two degrees (some 200 km) for water, a school or a hospital.
FARTHEST_DEGREES = 2.0


@contextmanager
def told_at(place: str) -> Iterator[None]:
    """Put the line of the project file before the place that a refusal names."""
    try:
        yield
    except GeontmError as error:
        if place and place not in error.where:
            error.where = "; ".join(filter(None, (place, error.where)))
        raise


def covers_by_kind(sources: CoverageSources) -> dict[str, tuple[str, ...]]:
    """Return what each layer declares to cover; files of one kind cover what they declare together.

    Where one file of a kind declares nothing, its places speak for the units they touch, and so do all of that kind.
    """
    layers: dict[str, list[tuple[str, ...]]] = {}
    for name, layer in (("roads", sources.roads), ("water", sources.water)):
        if layer is not None:
            layers[name] = [layer.covers]
    for source in sources.facilities:
        layers.setdefault(source.kind, []).append(source.covers)
    return {
        name: tuple(sorted({code for covers in each for code in covers})) if all(each) else ()
        for name, each in layers.items()
    }


def check_places(
    sources: CoverageSources, units: gpd.GeoDataFrame, read: Sequence[tuple[SiteSource, gpd.GeoDataFrame]]
) -> list[Issue]:
    """Hold what every layer declares to cover, and where its places lie, against the units of the project.

    Parameters
    ----------
    sources : CoverageSources
    units : GeoDataFrame, EPSG:4326
        With ``province_code``.
    read : sequence of (SiteSource, GeoDataFrame in EPSG:4326)
        The places of each file.

    Raises
    ------
    ProjectError
        A layer is declared complete for provinces of which the project has none.
    SourceError
        A file that is declared complete holds no place that can be used, or all places of a file lie more than two
        degrees from the units.
    """
    provinces = sorted(set(units["province_code"].dropna().astype(str)))
    for layer in (sources.roads, sources.water, *sources.facilities):
        if layer is not None and layer.covers and not set(layer.covers) & set(provinces):
            raise ProjectError(
                "coverage.covers_elsewhere",
                where=layer.where,
                file=layer.path.name,
                covers=", ".join(layer.covers),
                provinces=", ".join(provinces) or "–",
            )
    issues = []
    left, bottom, right, top = map(float, units.total_bounds)
    for source, frame in read:
        if frame.empty:
            if source.covers:
                covers = ", ".join(source.covers)
                raise SourceError("coverage.no_sites", where=source.where, file=source.path.name, provinces=covers)
            continue
        boxes = frame.bounds
        east = (boxes["minx"] - right).clip(lower=0) + (left - boxes["maxx"]).clip(lower=0)
        north = (boxes["miny"] - top).clip(lower=0) + (bottom - boxes["maxy"]).clip(lower=0)
        apart = float((east**2 + north**2).min()) ** 0.5
        first = frame.geometry.iloc[0].representative_point()
        words: dict[str, Any] = {"n": len(frame), "lon": first.x, "lat": first.y}
        if apart > FARTHEST_DEGREES:
            raise SourceError("coverage.sites_elsewhere", where=source.where, file=source.path.name, **words)
        if apart > 0:
            issues.append(Issue.of("warning", "coverage.sites_beside", file=source.path.name, **words))
    return issues


def check_slices(sources: CoverageSources, slices: Mapping[str, Mapping[str, Path]]) -> list[Issue]:
    """Hold the lines that were cut out for each province against what their layer declares.

    Parameters
    ----------
    sources : CoverageSources
    slices : mapping
        Layer of lines to province to the file of its slice.

    Raises
    ------
    SourceError
        No road is anywhere near the units, or none in a province that the layer is declared complete for.
    """
    issues = []
    for name, by_province in slices.items():
        layer = getattr(sources, name)
        rows = {province: pq.read_metadata(path).num_rows for province, path in by_province.items()}
        place = {"where": layer.where, "file": layer.path.name}
        if any(rows.values()):
            lacking = [code for code in rows if not rows[code] and code in layer.covers]
            if name == "roads" and lacking:
                raise SourceError("coverage.no_roads_in", **place, provinces=", ".join(lacking))
        elif name == "roads":
            raise SourceError("coverage.roads_elsewhere", **place)
        else:
            issues.append(Issue.of("warning", "coverage.lines_elsewhere", file=layer.path.name))
    return issues
