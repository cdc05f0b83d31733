"""Measures every province that the cache does not know, and puts the tables together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from geontm import cover
from geontm.cover import Measured
from geontm.load import open_raster
from geontm.messages import say
from geontm.pipeline.account import PartDone, Step
from geontm.pipeline.coverage.cache import Cache, code_stamp
from geontm.pipeline.coverage.folded import fold_issues
from geontm.pipeline.coverage.household_size import sizes_that_count
from geontm.pipeline.coverage.inputs import CoverageInputs
from geontm.pipeline.coverage.pool import send_out
from geontm.pipeline.coverage.province import measure_province
from geontm.pipeline.coverage.stored import decode, digest, encode
from geontm.pipeline.coverage.tasks import make_keys, make_tasks
from geontm.pipeline.coverage.topics import lacking, topics_of
from geontm.tables import Issue
from geontm.tables.issues import Severity

__all__ = ["CoverageFound", "measure_coverage"]

# Lengths on the ellipsoid and in the corrected plane agree within a millionth.
NEGLIGIBLE = 2e-6
MUCH_OUTSIDE = 0.01


@dataclass(frozen=True)
class CoverageFound:
    """What was measured under ``coverage:``.

    Attributes
    ----------
    table : DataFrame, index ``commune_code``
        Every column of every topic; units that nothing was measured for are unknown.
    more : mapping of str to DataFrame
        Longer tables by name.
    issues : tuple of Issue
    needs : mapping of str to tuple of str
        Inputs that a column was measured from, as :class:`Topic` names them.
    seconds : mapping
        Province to topic to seconds of CPU, of what was measured in this run.
    kept : int
        Results that came from an earlier run.
    measured : int
        Results that were measured in this run.
    """

    table: pd.DataFrame
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    kept: int = 0
    measured: int = 0

    def record(self) -> dict[str, Any]:
        """Return how the results came about, for the record of the run."""
        seconds = {province: dict(topics) for province, topics in self.seconds.items()}
        return {"measured": self.measured, "kept": self.kept, "cpu_seconds": seconds}


def measure_coverage(
    inputs: CoverageInputs,
    units: gpd.GeoDataFrame,
    *,
    around: gpd.GeoDataFrame | None = None,
    known_population: pd.Series | None = None,
    household_sizes: Mapping[str, float] | None = None,
    cache: Cache,
    step: Step,
    cluster: str | None = None,
) -> CoverageFound:
    """Measure everything that the inputs allow, province by province.

    Parameters
    ----------
    inputs : CoverageInputs
    units : GeoDataFrame, index ``commune_code``, EPSG:4326
        Valid polygons that form a clean coverage, never schematic ones.
    around : GeoDataFrame, optional
        Units around those to measure.
    known_population : Series, optional
        Persons by commune, for a project that scales its raster.
    household_sizes : mapping of str to float, optional
        Persons per household by province, for works whose capacity is in households.
    cache : Cache
    step : callable
        Told of every province that is done.
    cluster : str, optional
        Address of a dask scheduler.

    Raises
    ------
    GeontmError
        A file cannot be used, or processes died.
    """
    known = units[~(units.geometry.isna() | units.geometry.is_empty)].sort_index()
    issues = (
        [Issue.of("warning", "coverage.no_shape", column="geometry", n=n)] if (n := len(units) - len(known)) else []
    )
    kinds = tuple(sorted(kind for kind in inputs.sites if kind != "water"))
    topics = topics_of(inputs.sources, kinds, villages=inputs.villages is not None)
    issues += lacking(inputs.sources, kinds, villages=inputs.villages is not None)
    if not inputs.sources.scale_to_known:
        known_population = None
    sizes = sizes_that_count(household_sizes, inputs.sites.get("water"), on_raster=bool(inputs.sources.population))
    tasks = make_tasks(inputs, known, around, known_population, household_sizes=sizes)
    keys = {task.part: make_keys(task, inputs, topics) for task in tasks}

    results: dict[tuple[str, str], bytes] = {}
    left = []
    for task in tasks:
        found = {topic: cache.get(key) for topic, key in keys[task.part].items()}
        results |= {(task.part, topic): data for topic, data in found.items() if data is not None}
        missing = tuple(topic for topic, data in found.items() if data is None)
        if missing:
            left.append(replace(task, topics=missing))
    kept = len(results)
    if kept:
        step(say("coverage.from_cache", n=kept, of=kept + sum(len(task.topics) for task in left)))
    seconds = {}
    # The biggest first: the last to end is then a small one.
    left.sort(key=lambda task: (-float(task.units["area_km2"].sum()), task.part))
    names = {task.part: task.name for task in left}
    for at, done in enumerate(send_out(measure_province, left, cluster=cluster), start=1):
        for topic, data in done.results.items():
            results[done.part, topic] = data
            cache.put(keys[done.part][topic], data)
        seconds[done.part] = dict(done.seconds)
        text = say("coverage.province", name=names[done.part], done=at, of=len(left))
        step(PartDone(text, done=at, of=len(left)))
    decoded = {place: decode(data) for place, data in sorted(results.items())}
    by_topic = {
        topic.name: [decoded[province, topic.name] for province in sorted(keys) if (province, topic.name) in decoded]
        for topic in topics
    }
    provinces = {task.part: task.name for task in tasks}
    places = [(part, topic.name) for topic in topics for part in sorted(keys) if (part, topic.name) in decoded]
    told = [(provinces[part], issue) for part, name in places for issue in decoded[part, name].issues]
    issues += _people_outside(inputs, units, around, by_topic.get("population", []), cache)
    cache.prune()
    table = _side_by_side(by_topic, units.index)
    issues += _roads_outside(inputs, table)
    return CoverageFound(
        table=table,
        more=_more(decoded.values()),
        issues=(*issues, *fold_issues(told)),
        needs={str(name): topic.needs for topic in topics for part in by_topic[topic.name] for name in part.table},
        seconds=dict(sorted(seconds.items())),
        kept=kept,
        measured=len(results) - kept,
    )


def _roads_outside(inputs: CoverageInputs, table: pd.DataFrame) -> tuple[Issue, ...]:
    """Tell how much of the road layer no commune counts; single provinces cannot know what another counts."""
    if "road_km" not in table or not inputs.road_km:
        return ()
    outside = inputs.road_km - math.fsum(table["road_km"].dropna().to_numpy(dtype=float))
    if outside <= NEGLIGIBLE * inputs.road_km:
        return ()
    severity: Severity = "warning" if outside > MUCH_OUTSIDE * inputs.road_km else "info"
    file = inputs.sources.roads.path.name if inputs.sources.roads else ""
    place = {"file": file, "column": "road_km", "value": f"{outside:.3f}"}
    return (Issue.of(severity, "coverage.roads_outside", **place, km=outside, whole=inputs.road_km),)


def _people_outside(
    inputs: CoverageInputs,
    units: gpd.GeoDataFrame,
    around: gpd.GeoDataFrame | None,
    counted: list[Measured],
    cache: Cache,
) -> tuple[Issue, ...]:
    """Tell how many people of the whole raster are in no unit, where the units are all that the boundaries hold."""
    if not counted or (around is not None and len(around)):
        return ()
    on_map = pd.concat([part.table["population_on_map"] for part in counted]).reindex(units.index)
    names = [path.name for path in inputs.sources.population]
    key = digest(["outside", inputs.digests["population"], names, digest(on_map.to_frame()), code_stamp()])
    if (stored := cache.get(key)) is not None:
        return decode(stored).issues
    with open_raster(inputs.sources.population, kind="population") as raster:
        issues = cover.check_people_outside(raster, on_map)
    cache.put(key, encode(Measured(pd.DataFrame(), issues=issues)))
    return issues


def _side_by_side(by_topic: Mapping[str, list[Measured]], index: pd.Index) -> pd.DataFrame:
    """Stack the provinces of each topic, and put the topics beside each other, in the order of the units."""
    tables = [pd.concat([part.table for part in each]) for each in by_topic.values() if each]
    if not tables:
        return pd.DataFrame(index=index)
    return pd.concat([table.reindex(index) for table in tables], axis=1)


def _more(found: Iterable[Measured]) -> dict[str, pd.DataFrame]:
    """Stack the longer tables of all provinces by name."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for each in found:
        for name, table in each.more.items():
            if len(table):
                frames.setdefault(name, []).append(table)
    return {name: pd.concat(each, ignore_index=True) for name, each in sorted(frames.items())}
