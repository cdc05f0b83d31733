"""What a run hands to be published: one frozen record, made of tables and plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

import geopandas as gpd
import pandas as pd

from geontm.errors import PublishError
from geontm.messages import Language, say, spelt_day
from geontm.publish.styles import GroundStyle, MapStyle
from geontm.tables import Column, Issue, Label

__all__ = [
    "IDENTITY",
    "WIDE_ORDER",
    "BoundaryNote",
    "ConditionNote",
    "Content",
    "Derivation",
    "OutcomeNote",
    "RuleSetNote",
    "Sign",
    "Threshold",
    "communes_table",
    "measure_of",
]

IDENTITY = ("commune_name", "kind", "province_code", "province_name", "district_code", "district_name", "area_km2")

BOUNDS = ("_low", "_high")
_NO_TEXT = Label("", "")

# The published order of the wide table; columns of a project that are not named here follow in dictionary order.
WIDE_ORDER = (
    "commune_code", *IDENTITY, "population", "is_border", "border_km", "border_neighbours", "mean_elevation_m",
    "above_200m_share", "slope_15_share", "is_mountainous", "development_region", "is_extremely_difficult",
    "criteria_met_count", "criteria_unknown_count", "road_km", "road_km_per_km2", "rural_access_pct", "road_gap_pct",
    "clean_water_pct", "clean_water_gap_pct", "hygienic_water_pct", "water_service_pct", "centre_travel_min",
    "poor_household_pct", "near_poor_household_pct", "priority_score", "priority_rank", "exit_year",
)  # fmt: skip


@dataclass(frozen=True)
class BoundaryNote:
    """What a reader must know of the boundaries drawn.

    Attributes
    ----------
    schematic : bool
        The outlines are constructed: every face of the result says *ranh giới sơ đồ*.
    source : Label
        Where the layer came from.
    date : date or None
        The day from which the boundaries are valid.
    crs : str
        Coordinate system of the source layer.
    border_tolerance_m : float or None
        Distance (m) within which a boundary counts as lying on the land border; None where nothing was measured.
    """

    schematic: bool
    source: Label
    date: date | None = None
    crs: str = "EPSG:4326"
    border_tolerance_m: float | None = None


@dataclass(frozen=True)
class ConditionNote:
    """One condition, or criterion, of a rule set as it is printed.

    Attributes
    ----------
    test : str
        Its id, the ``test`` of the verdicts.
    label : Label
    limit : Label
        What it asks, in words: the one limit that the units of the run have, else group by group; empty where it
        compares no figure.
    limits : mapping of str to Label
        The same for each text that the ``threshold`` of the verdicts may have.
    place : Label
        Article and document.
    number : str
        Of a criterion, its number in the law; empty for a condition.
    evidence : str
        ``verified``: seen in a source, or set by an override; ``recalled``; ``unknown``.
    doubt : str
        Why it decides nothing for some unit of the run: ``unverified``, ``not_established``, ``national_figure``,
        or who is to set its level, ``province`` or ``ministry``; empty where it may decide.
    """

    test: str
    label: Label
    limit: Label = _NO_TEXT
    limits: Mapping[str, Label] = field(default_factory=dict)
    place: Label = _NO_TEXT
    number: str = ""
    evidence: str = "verified"
    doubt: str = ""


@dataclass(frozen=True)
class OutcomeNote:
    """One of several named answers of a rule set; ``sign`` is how lists print it: *III*."""

    id: str
    label: Label
    sign: str
    value: int | str


@dataclass(frozen=True)
class RuleSetNote:
    """What a rule set is, as printed beside its verdicts.

    Attributes
    ----------
    id : str
    label : Label
    document : str
        Number of the document it stands on.
    scored : bool
        It counts criteria (n of 19).
    columns : tuple of str
        Columns of the wide table that its answers fill.
    unit : str
        What it is about: ``commune``, ``village``, ``district`` …
    day, amended_by
        Of the document, where they are known.
    outcomes : tuple of OutcomeNote
        In the order in which the law tries them; none for a set that says yes or no.
    conditions : tuple of ConditionNote
        In the order of the law, criteria after their conditions.
    """

    id: str
    label: Label
    document: str = ""
    scored: bool = False
    columns: tuple[str, ...] = ()
    unit: str = "commune"
    day: date | None = None
    amended_by: str = ""
    outcomes: tuple[OutcomeNote, ...] = ()
    conditions: tuple[ConditionNote, ...] = ()

    def cited(self, lang: Language) -> str:
        """Name the document with its day and the one that amends it; empty where there is none."""
        if not self.document:
            return ""
        text = self.document
        if self.day is not None:
            text = say("classify.dated", lang, document=text, date=spelt_day(self.day, lang))
        return say("law.amended", lang, document=text, amended_by=self.amended_by) if self.amended_by else text

    @cached_property
    def conditions_by_id(self) -> Mapping[str, ConditionNote]:
        """The conditions by their ids."""
        return {each.test: each for each in self.conditions}

    @cached_property
    def outcomes_by_id(self) -> Mapping[str, OutcomeNote]:
        """The outcomes by their ids."""
        return {each.id: each for each in self.outcomes}


Sign: TypeAlias = Literal["at_least", "at_most", "more_than", "less_than", "equals"]


@dataclass(frozen=True)
class Threshold:
    """A number that a rule set of the project compares a column with.

    Attributes
    ----------
    value : float
        In the unit of the column.
    comparison : str
        Which side the value itself is on: ``at_least`` is ≥, ``more_than`` is >.
    ruleset : Label
    place : Label
        Article and document.
    groups : tuple of Label
        Units that it is for (regions); empty for all.
    verified : bool
        Seen in a source, set by an override, or allowed by the project; a recalled one decides nothing.
    """

    value: float
    comparison: Sign
    ruleset: Label
    place: Label
    groups: tuple[Label, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class Derivation:
    """How a column was worked out that stands in no file as it is shown.

    Attributes
    ----------
    how : Label or None
        A sentence for people; None where the documents behind it (``Content.bases``) say enough.
    sources : tuple of str
        Files that it was measured on or decided by.
    inputs : tuple of str
        Columns that it was worked out from; the files behind them are behind it too.
    measured : bool
        It was measured on layers, whose age no year of the project tells.
    yearly : bool
        It is of the years of its inputs.
    """

    how: Label | None = None
    sources: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    measured: bool = False
    yearly: bool = False


@dataclass(frozen=True)
class Content:
    """Everything that is published of one run.

    Attributes
    ----------
    title : str
        Name of the project as printed.
    as_of : date
        The day the project speaks of.
    units : GeoDataFrame, n rows, index ``commune_code``, EPSG:4326
        ``commune_name, kind, province_code, province_name``, ``area_km2`` (km²); a geometry may be null.
    wide : DataFrame, n rows, same index
        Indicators, measures and verdicts in nullable dtypes; missing is unknown.
    indicators : DataFrame, long
        ``commune_code, indicator, year, value, unit, source_file, how``.
    verdicts : DataFrame, long
        ``commune_code, ruleset, test, answer, value, threshold, distance, article, reason_vi, reason_en``.
    briefs : DataFrame
        ``commune_code, ruleset, change_vi, change_en, missing_vi, missing_en``: a line on what would change a verdict
        and one on what is missing to it.
    decisions : DataFrame
        ``commune_code, ruleset, outcome, source, computed, document, date``; ``source`` is ``listed`` where an official
        list decides.
    gaps : DataFrame
        ``commune_code, ruleset, kind, name, label_vi, label_en``: a row for each thing that an open verdict waits for.
    scores, priority : DataFrame
        Tests met per rule set; the ranking with its intervals (index ``commune_code``).
    issues : tuple of Issue
    figures : DataFrame
        ``key, value, unit, as_of, how``.
    dictionary : mapping of str to Column
        The column dictionary: labels, units, directions.
    illustrative : frozenset of str
        Columns whose figures are constructed (*số liệu minh hoạ*); said wherever they are shown.
    notes : BoundaryNote
    rulesets : tuple of RuleSetNote
    styles : mapping of str to MapStyle
        The maps that can be asked for, by name.
    fingerprint : str
        Identifies inputs and versions of the run.
    lang : {"vi", "en"}
        Language of the tables, and the one in which a page opens.
    context : GeoDataFrame or None
        Neighbouring land to draw in grey, EPSG:4326, with ``name`` and, where it has another in English, ``name_en``;
        see :func:`geontm.publish.surroundings.surround`. An empty name is not drawn. None draws no land around.
    above : mapping of str to DataFrame
        ``district`` and ``province``: result columns by code of the unit.
    more : mapping of str to DataFrame
        Further tables by the name of their file without ``.csv``: ``criteria``, ``programme``, ``villages``. An empty
        table is not written. ``villages`` with ``lon`` and ``lat`` (EPSG:4326) are drawn too.
    layers : mapping of str to GeoDataFrame
        Layers of ``result.gpkg`` beside the communes, in this order: ``roads``, ``works``, ``work_areas``; EPSG:4326,
        rows in a fixed order.
    ground_styles : mapping of str to GroundStyle
        How these layers, and ``villages``, are drawn.
    derived : mapping of str to Derivation
        Columns that stand in no file as they are shown: how they were worked out, and from what.
    thresholds : mapping of str to tuple of Threshold
        What the project's rule sets ask of a column, in the order of value: breaks of maps by the law.
    former : Content or None
        The run on the units of before July 2025 that the maps show beside this one.

    Raises
    ------
    PublishError
        There is no unit at all (``publish.no_units``).
    """

    title: str
    as_of: date
    units: gpd.GeoDataFrame
    wide: pd.DataFrame
    indicators: pd.DataFrame
    verdicts: pd.DataFrame
    scores: pd.DataFrame
    priority: pd.DataFrame
    issues: tuple[Issue, ...]
    figures: pd.DataFrame
    dictionary: Mapping[str, Column]
    notes: BoundaryNote
    styles: Mapping[str, MapStyle]
    fingerprint: str
    illustrative: frozenset[str] = frozenset()
    rulesets: tuple[RuleSetNote, ...] = ()
    lang: Language = "vi"
    briefs: pd.DataFrame = field(default_factory=pd.DataFrame)
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)
    context: gpd.GeoDataFrame | None = None
    above: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    layers: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    ground_styles: Mapping[str, GroundStyle] = field(default_factory=dict)
    thresholds: Mapping[str, tuple[Threshold, ...]] = field(default_factory=dict)
    derived: Mapping[str, Derivation] = field(default_factory=dict)
    former: Content | None = None

    def __post_init__(self) -> None:
        """Refuse a run without any unit: no map, table or report of it would say anything."""
        if self.units.empty:
            raise PublishError("publish.no_units", where=self.title)

    @cached_property
    def figures_by_name(self) -> Mapping[str, pd.DataFrame]:
        """The known rows of ``indicators`` that are not after ``as_of``, by indicator, in their order."""
        rows = self.indicators
        if not len(rows) or "indicator" not in rows:
            return {}
        rows = rows[rows["value"].notna() & (rows["year"].isna() | (rows["year"] <= self.as_of.year))]
        return {str(name): mine for name, mine in rows.groupby("indicator", sort=True)}

    @cached_property
    def bases(self) -> Mapping[str, tuple[str, ...]]:
        """The documents behind each column that a rule set fills: its own, and those that its answers cite."""
        rows = self.verdicts
        if not len(rows):
            return {}
        own = rows.loc[rows["test"].astype("str") == rows["ruleset"].astype("str"), ["ruleset", "article"]].dropna()
        cited = {str(name): sorted(set(mine.astype("str"))) for name, mine in own.groupby("ruleset")["article"]}
        found: dict[str, tuple[str, ...]] = {}
        for note in self.rulesets:
            articles = cited.get(note.id, [])
            first = [note.document] if note.document and not any(note.document in each for each in articles) else []
            found |= {name: (*first, *articles) for name in note.columns if name not in found}
        return found

    @cached_property
    def not_classed(self) -> Mapping[str, frozenset[str]]:
        """The units for which a rule set holds in no way, out of its scope or by its tests, by the id of the set."""
        rows = self.verdicts
        if not len(rows):
            return {}
        rows = rows.loc[rows["answer"].eq("not_met").fillna(False), ["commune_code", "ruleset", "test"]]
        own = rows[rows["test"].astype("str") == rows["ruleset"].astype("str")]
        return {str(name): frozenset(mine.astype("str")) for name, mine in own.groupby("ruleset")["commune_code"]}


def communes_table(content: Content) -> pd.DataFrame:
    """Return the wide table as published: one row per unit, sorted by code, columns in the published order.

    Returns
    -------
    DataFrame, n rows, plain index
        ``commune_code`` first; no geometry.
    """
    identity = content.units[[name for name in IDENTITY if name in content.units.columns]]
    added = content.wide.drop(columns=[name for name in content.wide.columns if name in identity.columns])
    added = added.reindex(content.units.index)
    table = pd.concat([pd.DataFrame(identity), added], axis=1)
    table.index = table.index.astype("str").rename("commune_code")
    table = table.sort_index().reset_index()
    # The contract's names come first, then the dictionary's; the bounds of a measure stand beside it.
    order = dict.fromkeys([*WIDE_ORDER, *content.dictionary])
    places = {name: place for place, name in enumerate(order)}

    def place(name: str) -> tuple[int, str, int]:
        measure = measure_of(name)
        if measure not in table:
            measure = name
        return places.get(measure, len(places)), measure, ("", *BOUNDS).index(name.removeprefix(measure))

    ordered: list[str] = sorted(map(str, table.columns), key=place)
    return table[ordered]


def measure_of(name: str) -> str:
    """Return the measure that a column bounds (``X`` of ``X_low`` and ``X_high``), else the name itself."""
    return next((name.removesuffix(end) for end in BOUNDS if name.endswith(end)), name)
