"""A key names everything that its result was made from: what a measure reads is what its topic declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geontm.pipeline.coverage.ground import Ground
from geontm.pipeline.coverage.province import _MEASURES
from geontm.pipeline.coverage.tasks import make_keys, make_tasks
from geontm.pipeline.coverage.topics import Topic, topics_of
from small_task import inputs_of, neighbours, units

LAYERS = ("slices", "sites", "covers", "within_m")


class Watched:
    """Stands for a record and notes what is read of it."""

    def __init__(self, record: Any, name: str, read: set[str]) -> None:
        self._record, self._name, self._read = record, name, read

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._record, name)
        if name == "sources":
            return Watched(value, "sources.", self._read)
        if name in LAYERS:
            return Mapped(value, f"{name}:", self._read)
        self._read.add(self._name + name)
        return value


class Mapped(Mapping):
    """Stands for a mapping and notes which of its entries are asked for, there or not."""

    def __init__(self, held: Mapping[str, Any], name: str, read: set[str]) -> None:
        self._held, self._name, self._read = held, name, read

    def __getitem__(self, key: str) -> Any:
        self._read.add(self._name + key)
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        self._read.add(f"{self._name}{key}")
        return key in self._held

    def __iter__(self):
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)


def declared(topic: Topic) -> set[str]:
    """Name what a result of the topic may be made from, as the watch notes it."""
    kind = topic.name.partition(":")[2]
    allowed = {"units", "province", "part", *topic.needs, f"within_m:{kind}"}
    allowed |= {f"sources.{name}" for name in (*topic.settings, *topic.needs)}
    for need in topic.needs:
        layer = need.removeprefix("sites:")
        # Of a source its file's name alone is read, which every key has.
        allowed |= {f"slices:{layer}", f"sites:{layer}", f"covers:{layer}", f"sources.{layer}"}
    return allowed


@pytest.mark.parametrize("raster", [True, False], ids=["raster", "villages"])
def test_every_measure_reads_only_what_its_key_names(tmp_path: Path, raster: bool):
    inputs = inputs_of(tmp_path, raster=raster)
    kinds = tuple(sorted(kind for kind in inputs.sites if kind != "water"))
    topics = topics_of(inputs.sources, kinds, villages=True)
    known = pd.Series(4000.0, index=units().index, dtype="Float64") if raster else None
    (task,) = make_tasks(inputs, units(), neighbours(), known, household_sizes={"04": 4.0})
    assert len(topics) > 7
    for topic in topics:
        read: set[str] = set()
        name, _, kind = topic.name.partition(":")
        _MEASURES[name](Ground(Watched(task, "", read)), kind)
        # That there is no raster is told by the needs, which then are villages.
        asked = read if raster else read - {"sources.population", "known_population"}
        assert asked - declared(topic) == set(), topic.name


def test_units_around_that_change_are_measured_with(tmp_path: Path):
    inputs = inputs_of(tmp_path, raster=True)
    topics = topics_of(inputs.sources, ("commune_centre", "school"), villages=True)
    (alone,), (beside,) = (make_tasks(inputs, units(), around, None) for around in (None, neighbours()))
    one, other = make_keys(alone, inputs, topics), make_keys(beside, inputs, topics)
    changed = {name for name in one if one[name] != other[name]}
    assert {"population", "roads", "connection", "travel:school", "travel:commune_centre"} <= changed
    assert not {"terrain", "access", "water"} & changed


def test_islands_measured_apart_are_not_a_province_of_their_own(tmp_path: Path):
    inputs = inputs_of(tmp_path, raster=True)
    topics = topics_of(inputs.sources, ("commune_centre", "school"), villages=True)
    (task,) = make_tasks(inputs, units(), None, None)
    apart = replace(task, part="04+1")
    wider = replace(inputs, sources=replace(inputs.sources, access_m=9_000.0))
    whole, island, roomy = (
        make_keys(each, given, topics) for each, given in ((task, inputs), (apart, inputs), (apart, wider))
    )
    # The plane is another, and so are the roads that are near.
    assert not set(whole.values()) & set(island.values())
    assert island["connection"] != roomy["connection"]
