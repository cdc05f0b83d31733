"""Published totals against what lists, rule sets, facts and registers give, and against each other.

Nothing is smoothed: a difference stands as a difference. Those that the sources are known to have are named from data
(:class:`Conflict`); any other is unexpected, and so is a known one that is no longer there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from geontm.classify.lists import OfficialList, read_list
from geontm.law import OUTSIDE_SCOPE, RuleSet
from geontm.tables import Label

__all__ = [
    "CHECK_COLUMNS",
    "Conflict",
    "Counted",
    "Counting",
    "Relations",
    "compare_counted",
    "compare_published",
    "count_list",
    "judge",
]

CHECK_COLUMNS = (
    "check", "giver", "period", "scope", "measure", "given", "relation", "published", "state", "document", "source",
)  # fmt: skip
NATIONAL = "national"
_TOLERANCE = 1e-9  # of sums of printed decimals

Relation = Literal["equal", "part", "limit"]
_SIGNS: Mapping[Relation, str] = {"equal": "=", "part": "≤", "limit": "≥"}


@dataclass(frozen=True)
class Conflict:
    """A difference that the sources are known to have.

    Attributes
    ----------
    key : str
    text : Label
        What stands against what, and why as far as a source says.
    sources : tuple of str
    checks : tuple of str
        Ids of the checks that must differ because of it; none where no number of geontm can show it.
    """

    key: str
    text: Label
    sources: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counted:
    """What one of geontm's own tables gives for a period and a scope.

    Attributes
    ----------
    giver : str
        Its kind and name: ``list region-2026-cao-bang``, ``register 2025``.
    counts : mapping
        Measure to number.
    relation : {"equal", "part", "limit"}
        How the count stands to the published total if both are right: the same; a part of it, for a list that names
        some units only; or its upper limit.
    """

    giver: str
    period: str
    scope: str
    counts: Mapping[str, float]
    relation: Relation = "equal"


@dataclass(frozen=True)
class Counting:
    """How the decisions of a rule set are counted.

    Attributes
    ----------
    measures : mapping
        Decision (id of an outcome, or ``met``) to measure.
    any_of : str
        Measure of the units that have one of several outcomes.
    """

    measures: Mapping[str, str]
    any_of: str = ""


@dataclass(frozen=True)
class Relations:
    """Which published numbers must go together.

    Attributes
    ----------
    sums : tuple of (whole, parts, periods)
        The whole equals the sum of its parts; in the named periods only, where any is named.
    orders : tuple of (less, more)
        The first is a part of the second.
    nation : mapping
        Measure to the measure that counts the provinces in which there are any.
    provinces : frozenset of str
        Names of scopes that are provinces.
    proposals : mapping
        A period of interim results to the period of the published ones.
    """

    sums: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    nation: Mapping[str, str] = field(default_factory=dict)
    provinces: frozenset[str] = frozenset()
    proposals: Mapping[str, str] = field(default_factory=dict)


def count_list(official: OfficialList, rules: RuleSet, units: pd.DataFrame, counting: Counting) -> dict[str, float]:
    """Count what an official list decides under its rule set.

    Parameters
    ----------
    official : OfficialList
    rules : RuleSet
        The one that the list answers.
    units : DataFrame, index ``commune_code``
        All units of the list's scope on its day, with ``province_code``.
    counting : Counting

    Returns
    -------
    dict
        Measure to number of units. A list that only tells one outcome from all others counts that one.
    """
    decided = read_list(official, rules, units).table["decision"]
    counts = {str(name): int(number) for name, number in decided.value_counts().items()}
    excluding = any(name.startswith("not ") for name in counts)
    told = {name for name in counting.measures if name in counts}
    asked = told if excluding or not official.complete else set(counting.measures)
    found: dict[str, float] = {
        measure: counts.get(name, 0) for name, measure in counting.measures.items() if name in asked
    }
    whole = sum(number for name, number in counts.items() if name not in ("not_met", OUTSIDE_SCOPE))
    return found | ({counting.any_of: whole} if counting.any_of and not excluding else {})


def compare_counted(totals: pd.DataFrame, counted: Iterable[Counted]) -> pd.DataFrame:
    """Compare what geontm's tables give with the published totals of the same period, scope and measure.

    Parameters
    ----------
    totals : DataFrame
        ``period, scope, measure, value, document, source``; an empty value is unknown.
    counted : iterable of Counted

    Returns
    -------
    DataFrame
        ``CHECK_COLUMNS``, one row per count and published total; ``state`` is ``equal``, ``fits`` (a part or a limit
        that does not contradict), ``differs`` or ``not_comparable`` (nothing published, or its value unknown).
    """
    rows = []
    totals = _in_order(totals)
    for each in counted:
        for measure, given in each.counts.items():
            here = _of(totals, each.period, each.scope, measure)
            if here.empty:
                rows.append(_row(each.giver, each.period, each.scope, measure, given, each.relation, None))
            for published in here.to_dict("records"):
                rows.append(_row(each.giver, each.period, each.scope, measure, given, each.relation, published))
    return _table(rows)


def compare_published(totals: pd.DataFrame, relations: Relations) -> pd.DataFrame:
    """Compare published totals with each other: sums, parts, provinces against the nation, one number given twice.

    Returns
    -------
    DataFrame
        ``CHECK_COLUMNS`` as in :func:`compare_counted`. A sum of which a part is not published is a part of the whole.
    """
    totals = _in_order(totals)
    rows = [*_sums(totals, relations), *_orders(totals, relations), *_nation(totals, relations)]
    return _table([*rows, *_repeated(totals, relations)])


def judge(checks: pd.DataFrame, conflicts: Sequence[Conflict]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Tell which differences are known, and which known ones are gone.

    Returns
    -------
    DataFrame
        ``checks`` with ``conflict``: the key of the known conflict, empty where there is none.
    tuple of str
        Checks that a known conflict names and that do not differ, or do not exist (any more).
    """
    known = {check: conflict.key for conflict in conflicts for check in conflict.checks}
    differing = set(checks.loc[checks["state"] == "differs", "check"])
    named = checks["check"].map(known).where(checks["check"].isin(differing), "")
    return checks.assign(conflict=named.fillna("").astype("str")), tuple(sorted(set(known) - differing))


def _in_order(totals: pd.DataFrame) -> pd.DataFrame:
    """Sort the totals, so that the result does not depend on the order of their rows."""
    return totals.sort_values(["period", "scope", "measure", "document", "source", "value"], kind="stable")


def _of(totals: pd.DataFrame, period: str, scope: str, measure: str) -> pd.DataFrame:
    return totals[(totals["period"] == period) & (totals["scope"] == scope) & (totals["measure"] == measure)]


def _row(
    giver: str, period: str, scope: str, measure: str, given: float, relation: Relation, published: Any
) -> dict[str, Any]:
    value = None if published is None else published["value"]
    document = "" if published is None else published["document"]
    return {
        "check": " | ".join(filter(None, (giver, period, scope, measure, document))),
        "giver": giver, "period": period, "scope": scope, "measure": measure,
        "given": given, "relation": _SIGNS[relation], "published": value,
        "state": _state(given, relation, value), "document": document,
        "source": "" if published is None else published["source"],
    }  # fmt: skip


def _state(given: float, relation: Relation, published: float | None) -> str:
    if published is None or pd.isna(published):
        return "not_comparable"
    apart = given - published
    if abs(apart) <= _TOLERANCE:
        return "equal"
    holds = {"equal": False, "part": apart < 0, "limit": apart > 0}[relation]
    return "fits" if holds else "differs"


def _sums(totals: pd.DataFrame, relations: Relations) -> list[dict[str, Any]]:
    rows = []
    for whole, parts, periods in relations.sums:
        for published in totals[totals["measure"] == whole].to_dict("records"):
            period, scope = str(published["period"]), str(published["scope"])
            if periods and period not in periods:
                continue
            known = [_beside(totals, published, part) for part in parts]
            there = [value for value in known if value is not None]
            if there:
                relation: Relation = "equal" if len(there) == len(parts) else "part"
                rows.append(_row("sum", period, scope, whole, sum(there), relation, published))
    return rows


def _beside(totals: pd.DataFrame, published: Mapping[Any, Any], measure: str) -> float | None:
    """Return the value of another measure: of the same document, else the only one of period and scope."""
    here = _of(totals, published["period"], published["scope"], measure).dropna(subset=["value"])
    same = here[here["document"] == published["document"]]
    values = (same if len(same) else here)["value"].unique()
    return float(values[0]) if len(values) == 1 else None


def _orders(totals: pd.DataFrame, relations: Relations) -> list[dict[str, Any]]:
    rows = []
    for less, more in relations.orders:
        for published in totals[totals["measure"] == more].to_dict("records"):
            period, scope = str(published["period"]), str(published["scope"])
            if (part := _beside(totals, published, less)) is not None:
                rows.append(_row(f"part {less}", period, scope, more, part, "part", published))
    return rows


def _nation(totals: pd.DataFrame, relations: Relations) -> list[dict[str, Any]]:
    """Add the provinces up: all of them make the nation, some of them cannot be more.

    Where a province published two numbers, the smaller counts, so that the sum never claims too much.
    """
    rows = []
    provinces = totals[totals["scope"].isin(relations.provinces)].dropna(subset=["value"])
    for measure, how_many in relations.nation.items():
        for published in totals[(totals["scope"] == NATIONAL) & (totals["measure"] == measure)].to_dict("records"):
            period = str(published["period"])
            here = provinces[(provinces["measure"] == measure) & (provinces["period"] == period)]
            lowest = here.groupby("scope")["value"].min()
            if lowest.empty:
                continue
            number = _beside(totals, published, how_many)
            relation: Relation = "equal" if number == len(lowest) else "part"
            giver = f"provinces {len(lowest)}"
            rows.append(_row(giver, period, NATIONAL, measure, float(lowest.sum()), relation, published))
    return rows


def _repeated(totals: pd.DataFrame, relations: Relations) -> list[dict[str, Any]]:
    """Compare each published number with the next one of the same thing, and interim with final results."""
    rows = []
    known = totals.dropna(subset=["value"]).assign(final=totals["period"].replace(dict(relations.proposals)))
    for _, same in known.groupby(["final", "scope", "measure"], sort=True):
        records = sorted(same.to_dict("records"), key=lambda record: record["period"] == record["final"])
        for first, second in itertools.pairwise(records):
            giver = f"also {second['document'] or second['source']}"
            place = (str(first["period"]), str(first["scope"]), str(first["measure"]))
            rows.append(_row(giver, *place, float(second["value"]), "equal", first))
    return rows


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=pd.Index(CHECK_COLUMNS))
    text = [name for name in CHECK_COLUMNS if name not in ("given", "published")]
    return table.astype(dict.fromkeys(text, "str") | {"given": "Float64", "published": "Float64"})
