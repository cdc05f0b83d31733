"""Reads a layer of roads of any make into the one form that coverage takes, cut by area."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geontm.load.layer_streams import Batch, LayerStream, open_stream
from geontm.load.line_columns import Coded, encode, find_columns, identities, take
from geontm.load.line_slices import CutJob, LayerSlices, Limits, Progress, cut
from geontm.load.road_seasons import SeasonRule, read_rules
from geontm.load.road_words import RoadWords, SurfaceWord, Tally, fold, road_words
from geontm.messages import Label, say
from geontm.tables import Issue

__all__ = ["BridgeSource", "RoadSource", "slice_bridges", "slice_roads"]

ROAD_COLUMNS = ("road_id", "road_class", "surface", "hardened", "all_season", "bridge")
ROAD_SCHEMA = pa.schema(
    [(name, pa.string() if name in ("road_id", "road_class", "surface") else pa.bool_()) for name in ROAD_COLUMNS]
)
BRIDGE_SCHEMA = pa.schema([("bridge_id", pa.string()), ("working", pa.bool_())])
MOST_VALUES_NAMED = 50


@dataclass(frozen=True)
class RoadSource:
    """Where the roads are, and how their file is to be understood.

    Attributes
    ----------
    path : Path
    layer : str, optional
        Name of the layer, or of the file or folder inside an archive.
    columns : mapping of str to str
        Header of the file to one of road_id, road_class, surface, hardened, all_season, bridge; outranks recognition.
    covers : tuple of str
        Provinces or communes for which the layer is complete; carried for coverage.
    all_season : mapping of str to tuple of str or bool
        Column (one of those names, or a header) to the values with which a road can be used all year; several columns
        must all agree. Values are words of the vocabulary (asphalt, concrete, paving, gravel, earth, ``paved`` for the
        first three, ``hardened``) or the file's own.
    date : date, optional
    where : str
        The place in the project file, for messages.
    """

    path: Path
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    all_season: Mapping[str, tuple[str | bool, ...]] = field(default_factory=dict)
    date: date | None = None
    where: str = ""


@dataclass(frozen=True)
class BridgeSource:
    """Where bridges are: points or lines. ``columns`` maps headers to bridge_id and working; else as RoadSource."""

    path: Path
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    date: date | None = None
    where: str = ""


def slice_roads(
    source: RoadSource,
    areas: Mapping[str, Any],
    folder: Path,
    *,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> LayerSlices:
    """Read a road layer once, batch by batch, and write the roads of each area.

    Parameters
    ----------
    source : RoadSource
    areas : mapping of str to Polygon or MultiPolygon
        In EPSG:4326, with whatever halo is wanted. A road stands whole in every area that it touches.
    folder : Path
        Gets ``<area>.parquet`` for each area, in an order that hangs on the roads alone: ``road_id`` (made from the
        shape where the file has none), ``road_class``, ``surface`` (text), ``hardened``, ``all_season``, ``bridge``
        (boolean), all missing where nothing is known, ``geometry`` (LineString, EPSG:4326, two dimensions).
    progress : callable, optional
        Told how many features are read, and of how many.
    limits : Limits, optional
        Beyond these numbers of features and vertices the layer is refused.

    Returns
    -------
    LayerSlices

    Raises
    ------
    SourceError
        Missing, not allowed, damaged, too large, not lines; columns that could mean the same; a rule for all seasons
        with a column or a value that is nowhere.
    CRSError
        No CRS, axes swapped, most roads outside Vietnam, or no operation with a datum shift.
    BoundaryError
        Several layers could be meant, or the named one is not there.

    References
    ----------
    .. [1] Functional classes and hardened surfaces: 4927/QĐ-BGTVT and TCVN 10380:2014, ``rulesets/rural-roads.yaml``;
       the words are in ``data/roads.yaml``.
    """
    with open_stream(source.path, layer=source.layer, kinds=("line",)) as stream:
        where = source.where or stream.file
        columns = find_columns(stream.headers, source.columns, ROAD_COLUMNS, where=where)
        reader = _RoadReader(stream, columns, read_rules(source.all_season, columns, stream.headers, where=where))
        job = CutJob(areas, Path(folder), ("line",), ROAD_SCHEMA, reader.headers, limits or Limits(), progress)
        slices = cut(stream, job, reader.read)
        for rule in reader.rules:
            rule.require_values(where=where)
        return slices.with_issues(reader.issues())


def slice_bridges(
    source: BridgeSource, areas: Mapping[str, Any], folder: Path, *, progress: Progress | None = None
) -> LayerSlices:
    """Read a layer of bridges, points or lines, and write those of each area; see :func:`slice_roads`.

    Returns
    -------
    LayerSlices
        Files with ``bridge_id`` (text), ``working`` (boolean, missing where nothing is known) and ``geometry``.
    """
    with open_stream(source.path, layer=source.layer, kinds=("point", "line")) as stream:
        where = source.where or stream.file
        columns = find_columns(stream.headers, source.columns, tuple(BRIDGE_SCHEMA.names), where=where)
        working = Tally(road_words().boolean("working"))

        def read(batch: Batch) -> tuple[NDArray[Any], pa.Table]:
            n = len(batch.shapes)
            state = pa.nulls(n, pa.bool_())
            if "working" in columns:
                codes, texts, counts = encode(batch.columns[columns["working"]])
                working.missing += int((codes < 0).sum())
                state = take(working.take(texts, counts), codes, pa.bool_())
            named = identities(batch.columns.get(columns.get("bridge_id", "")), n)
            return batch.shapes, pa.table([named, state], schema=BRIDGE_SCHEMA)

        headers = tuple(sorted(set(columns.values())))
        slices = cut(
            stream, CutJob(areas, Path(folder), ("point", "line"), BRIDGE_SCHEMA, headers, progress=progress), read
        )
        return slices.with_issues(_column_issues(stream.file, "working", columns.get("working"), working))


class _RoadReader:
    """Turns the columns of each batch into those of :data:`ROAD_SCHEMA`, and counts what it cannot read."""

    def __init__(self, stream: LayerStream, columns: Mapping[str, str], rules: tuple[SeasonRule, ...]) -> None:
        self.file, self.columns, self.rules = stream.file, columns, rules
        self.headers = tuple(sorted({*columns.values(), *(rule.header for rule in rules)}))
        self.words: RoadWords = road_words()
        self.tallies = {
            "road_class": Tally(self._class),
            "surface": Tally(self._surface),
            **{name: Tally(self.words.boolean(name)) for name in ("hardened", "all_season", "bridge")},
        }
        self.all_season_unknown = 0
        self.not_there: Counter[str] = Counter()

    def read(self, batch: Batch) -> tuple[NDArray[Any], pa.Table]:
        """Give the shapes of roads that are there, and their columns."""
        n = len(batch.shapes)
        coded = {header: encode(column) for header, column in batch.columns.items() if header in self.coded}
        there = np.ones(n, dtype=bool)
        values: dict[str, pa.Array] = {"road_id": identities(batch.columns.get(self.columns.get("road_id", "")), n)}
        if "road_class" in self.columns:
            there = self._there(coded[self.columns["road_class"]])
        for name, tally in self.tallies.items():
            if name in self.columns:
                codes, texts, _ = coded[self.columns[name]]
                tally.missing += int((codes[there] < 0).sum())
                values[name] = take(
                    tally.take(texts, _count(codes[there], len(texts))), codes, ROAD_SCHEMA.field(name).type
                )
        if "surface" in self.columns:
            codes, texts, _ = coded[self.columns["surface"]]
            firm = take([self._hardened(text) for text in texts], codes, pa.bool_())
            values["hardened"] = pc.coalesce(values["hardened"], firm) if "hardened" in values else firm
        if self.rules:
            values["all_season"] = self._all_season(coded)
        table = pa.table(
            [values.get(name, pa.nulls(n, ROAD_SCHEMA.field(name).type)) for name in ROAD_COLUMNS], schema=ROAD_SCHEMA
        )
        self.all_season_unknown += table["all_season"].filter(pa.array(there)).null_count
        return batch.shapes[there], table.filter(pa.array(there))

    @cached_property
    def coded(self) -> frozenset[str]:
        """Headers whose cells are read as words."""
        return frozenset(header for header in self.headers if header != self.columns.get("road_id"))

    def issues(self) -> list[Issue]:
        """Say what of the columns was not there, not known, or taken by convention."""
        issues = []
        for name in ("road_class", "surface"):
            issues += _column_issues(self.file, name, self.columns.get(name), self.tallies[name])
        for name in ("hardened", "all_season", "bridge"):
            if name in self.columns and not (name == "all_season" and self.rules):
                issues += _column_issues(self.file, name, self.columns[name], self.tallies[name])
        for text, n in sorted(self.not_there.items()):
            header = self.columns["road_class"]
            issues.append(
                Issue.of("warning", "road_layers.not_there", file=self.file, column=header, value=text, n=n, text=text)
            )
        known = self.tallies["road_class"].known
        if osm := sum(n for text, n in known.items() if fold(text) in self.words.osm):
            header = self.columns["road_class"]
            issues.append(Issue.of("info", "road_layers.osm_classes", file=self.file, column=header, n=osm))
        if not self.rules and "all_season" not in self.columns:
            issues.append(Issue.of("warning", "road_layers.all_season_unknown", file=self.file))
        elif self.rules and self.all_season_unknown:
            issues.append(Issue.of("info", "road_layers.all_season_some", file=self.file, n=self.all_season_unknown))
        return issues

    def _there(self, coded: Coded) -> NDArray[np.bool_]:
        codes, texts, counts = coded
        gone = np.array([text is not None and fold(text) in self.words.not_there for text in texts] + [False])
        for text, n, out in zip(texts, counts, gone, strict=False):
            if out:
                self.not_there[str(text)] += n
        return ~gone[codes]

    def _class(self, text: str) -> str | None:
        return self.words.road_class(text)

    def _surface(self, text: str) -> SurfaceWord | None:
        return self.words.surfaces.get(fold(text))

    def _hardened(self, text: str | None) -> bool | None:
        word = None if text is None else self._surface(text)
        return None if word is None else word.hardened

    def _all_season(self, coded: Mapping[str, Coded]) -> pa.Array:
        """All columns of the rule must agree; one that says no decides, else one that says nothing leaves it open."""
        answers = None
        for rule in self.rules:
            codes, texts, _ = coded[rule.header]
            said = take([rule.answer(text) for text in texts], codes, pa.bool_())
            answers = said if answers is None else pc.and_kleene(answers, said)
        return answers


def _count(codes: NDArray[np.int64], n: int) -> list[int]:
    return [int(count) for count in np.bincount(codes[codes >= 0], minlength=n)]


def _column_issues(file: str, name: str, header: str | None, tally: Tally) -> list[Issue]:
    """Name each value that is not known, with how often it stands, the most frequent first."""
    meaning = Label(vi=say(f"road_layers.meaning_{name}", "vi"), en=say(f"road_layers.meaning_{name}", "en"))
    if header is None:
        return [Issue.of("warning", "road_layers.no_column", file=file, meaning=meaning)]
    place = {"file": file, "column": header}
    issues = []
    unknown = sorted(tally.unknown.items(), key=lambda item: (-item[1], item[0]))
    for text, n in unknown[:MOST_VALUES_NAMED]:
        issues.append(
            Issue.of("warning", "road_layers.unknown_value", **place, value=text, n=n, text=text, meaning=meaning)
        )
    if rest := unknown[MOST_VALUES_NAMED:]:
        n = sum(count for _, count in rest)
        issues.append(Issue.of("warning", "road_layers.more_unknown", **place, values=len(rest), n=n, meaning=meaning))
    if tally.missing:
        issues.append(Issue.of("info", "road_layers.missing_values", **place, n=tally.missing, meaning=meaning))
    return issues
