"""Cuts a project into tasks, and names what each result depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geontm.cover import WaterSettings
from geontm.pipeline.coverage.cache import code_stamp
from geontm.pipeline.coverage.ground import ProvinceTask
from geontm.pipeline.coverage.inputs import METRES_PER_DEGREE, CoverageInputs
from geontm.pipeline.coverage.stored import digest
from geontm.pipeline.coverage.topics import Topic

__all__ = ["make_keys", "make_tasks", "split_provinces"]

UNIT_COLUMNS = ("commune_name", "province_code", "area_km2", "geometry")
BESIDE_M = 1_000.0  # how far around a province its neighbours are looked for, where ways do not lead farther
APART_M = 20_000.0  # units of a province farther than this from the others are measured apart


def make_tasks(
    inputs: CoverageInputs,
    units: gpd.GeoDataFrame,
    around: gpd.GeoDataFrame | None,
    known_population: pd.Series | None,
    *,
    household_sizes: Mapping[str, float] | None = None,
) -> list[ProvinceTask]:
    """Make the tasks of all provinces; islands far out are tasks of their own.

    A window over Trường Sa and the mainland would hold nothing but sea, and one plane does not fit both.

    Parameters
    ----------
    inputs : CoverageInputs
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
        Those that have a shape.
    around : GeoDataFrame, optional
        Units around them.
    known_population : Series, optional
        Persons by commune.
    household_sizes : mapping of str to float, optional
        Persons per household by province.
    """
    whole = [units[["geometry"]]] + ([around[["geometry"]]] if around is not None and len(around) else [])
    beside = gpd.GeoDataFrame(pd.concat(whole), crs=4326)
    beside = beside[~(beside.geometry.isna() | beside.geometry.is_empty)]
    tree = shapely.STRtree(beside.geometry.to_numpy())
    provinces = units["province_code"].fillna("").astype("str")
    shared = _water_shared(inputs)
    travel = inputs.sources.travel
    beside_m = max(BESIDE_M, travel.halo_m if travel else 0.0)
    tasks = []
    for province, part, own in split_provinces(units, provinces):
        boxes = shapely.buffer(shapely.envelope(own.geometry.to_numpy()), beside_m / METRES_PER_DEGREE, quad_segs=1)
        near = beside.iloc[sorted(set(tree.query(boxes, predicate="intersects")[1].tolist()))]
        near = near[~near.index.isin(own.index)].sort_index()
        villages, rivals = _villages_of(inputs, own.index, shared)
        tasks.append(
            ProvinceTask(
                province=province,
                part=part,
                name=str(own["province_name"].iloc[0]) if "province_name" in own else province,
                units=own[[name for name in UNIT_COLUMNS if name in own]],
                around=near,
                sources=inputs.sources,
                slices={name: by_area[province] for name, by_area in inputs.slices.items()},
                sites=inputs.sites,
                within_m=inputs.within_m,
                covers=inputs.covers,
                villages=villages,
                rivals=rivals,
                known_population=None if known_population is None else known_population.reindex(own.index),
                persons_per_household=(household_sizes or {}).get(province),
            )
        )
    return tasks


def make_keys(task: ProvinceTask, inputs: CoverageInputs, topics: tuple[Topic, ...]) -> dict[str, str]:
    """Make the key of each topic of a task from everything that its result depends on."""
    parts: dict[str, Callable[[], object]] = {
        "around": lambda: digest(task.around),
        "villages": lambda: None if task.villages is None else digest(task.villages),
        "rivals": lambda: None if task.rivals is None else digest(task.rivals),
        "known_population": lambda: (
            None if task.known_population is None else digest(task.known_population.to_frame("population"))
        ),
        "persons_per_household": lambda: task.persons_per_household,
    }
    units = digest(task.units)
    told: dict[str, object] = {}

    def part(name: str) -> object:
        if name not in told:
            if name in parts:
                told[name] = parts[name]()
            elif name in task.slices:
                told[name] = task.slices[name].sha256
            else:
                told[name] = inputs.digests.get(name)
        return told[name]

    return {
        topic.name: digest(
            [
                code_stamp(),
                [path.name for path in inputs.sources.paths],  # issues name them
                topic.name,
                task.province,
                # Islands far out have a plane of their own, and of the roads those within the halo.
                None if task.part == task.province else inputs.sources.halo_m,
                units,
                {name: part(name) for name in topic.needs},
                {name: getattr(inputs.sources, name) for name in topic.settings},
                {name: task.covers.get(name) for name in _layers_of(topic)},
                task.within_m.get(topic.name.partition(":")[2]),
            ]
        )
        for topic in topics
    }


def _villages_of(
    inputs: CoverageInputs, codes: pd.Index, shared: NDArray[np.int32] | None
) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Return the villages of some communes, and those elsewhere with which they share water."""
    if inputs.villages is None:
        return None, None
    here = inputs.villages["commune_code"].isin(codes).to_numpy()
    elsewhere = None if shared is None else inputs.villages[~here & np.isin(shared, shared[here])]
    return inputs.villages[here], elsewhere


def _water_shared(inputs: CoverageInputs) -> NDArray[np.int32] | None:
    """Tell by a number which villages share waterworks of limited capacity; None where no villages are served.

    What a works has given to one province it cannot give to another: they must be shared out together.
    """
    works, villages = inputs.sites.get("water"), inputs.villages
    if works is None or villages is None or inputs.sources.population:
        return None
    limited = works[works[["capacity_persons", "capacity_households"]].notna().any(axis=1)]
    reach_m = limited["radius_m"].fillna(WaterSettings().most_radius_m).to_numpy(dtype=float)
    reach = (reach_m / METRES_PER_DEGREE)[:, None] * np.array([-1, -1, 1, 1])
    boxes = shapely.box(*(limited.geometry.bounds.to_numpy() + reach).T)
    work, village = shapely.STRtree(villages.geometry.to_numpy()).query(boxes, predicate="intersects")
    n = len(villages) + len(limited)
    linked = coo_array((np.ones(len(work), dtype=bool), (village, work + len(villages))), shape=(n, n))
    return np.asarray(connected_components(linked, directed=False)[1][: len(villages)])


def _layers_of(topic: Topic) -> list[str]:
    return sorted(name.removeprefix("sites:") for name in topic.needs)


def split_provinces(units: gpd.GeoDataFrame, provinces: pd.Series) -> Iterator[tuple[str, str, gpd.GeoDataFrame]]:
    """Split each province into groups of units that lie apart: its code, that of the group, and the units.

    The largest group bears the province's code alone.
    """
    for province, own in units.groupby(provinces.to_numpy()):
        boxes = shapely.buffer(shapely.envelope(own.geometry.to_numpy()), APART_M / 2 / METRES_PER_DEGREE, quad_segs=1)
        one, other = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        linked = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(own), len(own)))
        group = connected_components(linked, directed=False)[1]
        sizes = np.bincount(group)
        # The largest first; of equals the one whose first unit has the smaller code.
        order = sorted(range(len(sizes)), key=lambda at: (-sizes[at], int(np.flatnonzero(group == at)[0])))
        for rank, at in enumerate(order):
            yield str(province), f"{province}+{rank}" if rank else str(province), own[group == at]
