"""What could be built in one province: upgrades and links of roads, new waterworks and facilities."""

from __future__ import annotations

import geopandas as gpd

from geontm import cover
from geontm.cover import Measured
from geontm.pipeline.coverage.ground import Ground
from geontm.pipeline.coverage.topics import LINKS, UPGRADES
from geontm.tables import Issue, Label

__all__ = ["find_candidates"]

DEFAULT_RADIUS_M = 2_000.0


def find_candidates(ground: Ground, what: str) -> Measured:
    """Find candidates of one kind: upgrades or links of roads, or new sites of ``water`` or a kind of facility."""
    if what == UPGRADES:
        return _upgrades(ground)
    if what == LINKS:
        return _links(ground)
    return _sites(ground, what)


def _upgrades(ground: Ground) -> Measured:
    raster = ground.population
    # What is odd about the zones is told where access is measured.
    zones = ground.zones(raster)[0] if raster is not None else None
    return cover.find_upgrades(
        ground.units,
        ground.roads,
        metric_crs=ground.crs,
        population=raster,
        villages=ground.task.villages,
        distance_m=ground.sources.access_m,
        gap_m=ground.sources.gap_m,
        zones=zones,
        covered=ground.roads_cover,
    )


def _links(ground: Ground) -> Measured:
    assert ground.villages_m is not None
    return cover.find_links(
        ground.units_m,
        ground.network,
        ground.seats_m,
        ground.villages_m,
        around=ground.around_m,
        reach_m=ground.sources.reach_m,
        covered=ground.roads_cover,
    )


def _sites(ground: Ground, kind: str) -> Measured:
    sites, villages = ground.task.sites[kind], ground.task.villages
    assert villages is not None
    radius_m, issues = _radius(sites) if kind == "water" else (ground.task.within_m[kind], ())
    found = cover.find_new_sites(
        ground.units,
        villages,
        sites,
        kind=kind,
        radius_m=radius_m,
        metric_crs=ground.crs,
        covered=ground.covered(kind, sites.geometry),
    )
    return Measured(found.table, found.more, (*issues, *found.issues) if len(found.more["candidates"]) else ())


def _radius(works: gpd.GeoDataFrame) -> tuple[float, tuple[Issue, ...]]:
    """Take for new works the middle one of the radii of those there are, and tell which it is."""
    known = works["radius_m"].dropna()
    known = known[known > 0]
    if len(known):
        radius = float(known.median())
        why = Label("trung vị bán kính của các công trình hiện có", "the median radius of the works there are")
    else:
        radius = DEFAULT_RADIUS_M
        why = Label("không công trình nào có bán kính, dùng giá trị quy ước", "no works tells its radius; a convention")
    return radius, (Issue.of("info", "candidates.radius", column="radius_m", km=radius / 1_000, why=why),)
