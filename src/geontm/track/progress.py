"""Plan against actual: what was to be reached by year, what was, who is ahead and who behind."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geontm.tables import Issue
from geontm.track.counting import Count, baseline_size, count_by_year
from geontm.track.shapes import EXIT, KEYS, finding, keyed, timestamp, with_columns

__all__ = ["UNIT_COLUMNS", "YEAR_COLUMNS", "Progress", "compare", "early_reached", "exit_years"]

YEAR_COLUMNS = (
    *KEYS, "year", "plan", "actual", "cumulative_plan", "cumulative_actual", "ahead_count", "state",
    "share_of_plan_pct", "baseline_count", "how", "source",
)  # fmt: skip
UNIT_COLUMNS = (
    *KEYS, "unit_code", "unit_name", "parts", "planned_year", "actual_year", "actual_date", "ahead_years", "state",
    "how", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """How a programme stands.

    Attributes
    ----------
    years : DataFrame
        ``YEAR_COLUMNS``, one row per programme, measure, level and year: numbers of units. ``state`` is ``ahead``,
        ``on_plan``, ``behind`` or ``unknown``; ``ahead_count`` is cumulative actual less cumulative plan.
    units : DataFrame
        ``UNIT_COLUMNS``, one row per named unit of the day: ``parts`` units of the baseline that it is made of;
        ``ahead_years`` is planned less actual year; of a unit that is overdue, the years that it is behind at least.
    issues : tuple of Issue
    """

    years: pd.DataFrame
    units: pd.DataFrame
    issues: tuple[Issue, ...]


def compare(
    baseline: pd.DataFrame,
    plan: pd.DataFrame,
    actual: pd.DataFrame,
    *,
    as_of: datetime.date,
    through: datetime.date | None = None,
) -> Progress:
    """Set what was reached against the plan, in total by year and for each named unit.

    A plan names the years in which something is planned: nothing is planned in the others. Of what was reached, the
    years up to ``through`` are known; later ones are unknown, never 0. The year in which ``through`` lies is still
    open: less than its plan is not *behind* before it ends. What was reached before the first year of a plan is ahead
    of it where plan and baseline add up, with those or without; else nothing can be said to be ahead or behind.

    Parameters
    ----------
    baseline, plan, actual : DataFrame
        ``programme, measure, unit_level, unit_code, unit_name, count, document, file, row, how``, carried onto the
        units of a day by :func:`geontm.track.carry_units` where units merged (``was_code``, ``carried_on``). ``plan``
        has ``year``, ``actual`` has ``date`` or ``year``, ``baseline`` has ``date``. A row without ``unit_code``
        counts units that the document does not name; its gap is unknown. A baseline row without measure counts for
        all measures of its level.
    as_of : date
        Later events do not count.
    through : date, optional
        The day up to which ``actual`` tells everything; by default the end of the last year that it has a row for.

    Returns
    -------
    Progress
        A unit made of several counts once: planned when the last of its parts is, reached when all of them have been.
    """
    plan = keyed(plan, "unit_code", "unit_name", "count", "year", "file", "row", "how", "document")
    actual, issues = _events(actual, as_of)
    base = with_columns(baseline, *KEYS, "unit_code", "unit_name", "count", "date", "file", "row", "how", "document")
    base["programme"] = base["programme"].fillna("")
    keys = pd.concat([plan[KEYS], actual[KEYS]]).drop_duplicates().sort_values(KEYS)
    years: list[pd.DataFrame] = []
    units: list[pd.DataFrame] = []
    for key in keys.itertuples(index=False):
        mine = [table[(table[KEYS] == list(key)).all(axis=1)] for table in (plan, actual)]
        of_level = (base["programme"] == key[0]) & (base["unit_level"] == key[2])
        start = base[of_level & (base["measure"].isna() | (base["measure"] == key[1]))]
        one = _Programme(start, mine[0], mine[1], as_of, _known_to(mine[1], as_of, through))
        unit_table, found = _units(one)
        year_table, more = _years(one, unit_table)
        issues += [*found, *more]
        for table, kept, columns in ((unit_table, units, UNIT_COLUMNS), (year_table, years, YEAR_COLUMNS)):
            if len(table):
                kept.append(table.assign(**dict(zip(KEYS, key, strict=True)))[list(columns)])
    return Progress(_whole(years, YEAR_COLUMNS), _whole(units, UNIT_COLUMNS), tuple(issues))


@dataclass(frozen=True)
class _Programme:
    """One programme, measure and level."""

    baseline: pd.DataFrame
    plan: pd.DataFrame
    actual: pd.DataFrame
    as_of: datetime.date
    known_to: datetime.date | None

    @property
    def closed_year(self) -> int | None:
        """The last year of which everything is known; None where nothing is."""
        if self.known_to is None:
            return None
        return self.known_to.year if (self.known_to.month, self.known_to.day) == (12, 31) else self.known_to.year - 1


def _events(actual: pd.DataFrame, as_of: datetime.date) -> tuple[pd.DataFrame, list[Issue]]:
    rows = keyed(actual, "unit_code", "unit_name", "count", "date", "year", "file", "row", "how", "document")
    rows["year"] = rows["year"].fillna(rows["date"].dt.year.astype("Int64"))
    issues = []
    undated = rows["year"].isna()
    if undated.any():
        issues.append(finding("error", "track.event_undated", rows[undated], "date", n=int(undated.sum())))
    late = ((rows["date"] > timestamp(as_of)) | (rows["year"] > as_of.year).fillna(value=False)) & ~undated
    if late.any():
        issues.append(
            finding("info", "track.event_later", rows[late], "date", n=int(late.sum()), as_of=as_of.isoformat())
        )
    return rows[~undated & ~late], issues


def _known_to(actual: pd.DataFrame, as_of: datetime.date, through: datetime.date | None) -> datetime.date | None:
    if through is not None:
        return min(through, as_of)
    if actual.empty:
        return None
    return min(datetime.date(int(actual["year"].max()), 12, 31), as_of)


def _whole(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=pd.Index(columns))


def _parts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the named rows with the unit each was before any merger."""
    named = table[table["unit_code"].notna()].copy()
    if "was_code" not in named:
        named["was_code"] = named["unit_code"]
    whole = named["carried_on"].isna() if "carried_on" in named else pd.Series(True, index=named.index)
    return named.assign(whole=whole)


def _units(one: _Programme) -> tuple[pd.DataFrame, list[Issue]]:
    """Return planned and actual year of each named unit of the day."""
    listed, planned, reached = (_parts(table) for table in (one.baseline, one.plan, one.actual))
    issues: list[Issue] = []
    for table, message in ((planned, "track.plan_twice"), (reached, "track.reached_twice")):
        years = table.groupby("was_code", sort=True)["year"].nunique()
        for code in years.index[years > 1]:
            issues.append(finding("error", message, table[table["was_code"] == code], "year"))
    if len(listed):
        for table in (planned, reached):
            outside = table[~table["unit_code"].isin(listed["unit_code"])]
            if len(outside):
                n = outside["unit_code"].nunique()
                issues.append(finding("warning", "track.not_in_baseline", outside, "unit_code", n=n))
        planned = planned[planned["unit_code"].isin(listed["unit_code"])]
        reached = reached[reached["unit_code"].isin(listed["unit_code"])]
    codes = sorted({*listed["unit_code"], *planned["unit_code"], *reached["unit_code"]})
    parts = pd.concat([listed, planned, reached] if listed.empty else [listed])
    of_unit = parts[["unit_code", "was_code"]].drop_duplicates().groupby("unit_code")["was_code"].agg(set)
    rows = []
    groups = {name: dict(tuple(t.groupby("unit_code"))) for name, t in (("plan", planned), ("actual", reached))}
    everything = pd.concat([listed, planned, reached])
    for code, of_code in everything.groupby("unit_code", sort=True):
        members = of_unit.get(code, {code})
        plan_year = _last(groups["plan"].get(code), members, "year")
        actual_year = _last(groups["actual"].get(code), members, "year")
        dates = _last(groups["actual"].get(code), members, "date")
        if code in groups["actual"] and actual_year is None:
            done = groups["actual"][code]["was_code"].nunique()
            if done < len(members):
                shown = groups["actual"][code]
                issues.append(finding("warning", "track.parts_reached", shown, n=done, of=len(members)))
        hows = of_code["how"].dropna()
        how = "constructed" if (hows == "constructed").any() else "given" if len(members) == 1 else "derived"
        name = next((str(name) for name in of_code["unit_name"].dropna()), code)
        rows.append((code, name, len(members), plan_year, actual_year, dates, *_judge(plan_year, actual_year, one), how,
                     _sources(of_code)))  # fmt: skip
    assert codes == [row[0] for row in rows]
    table = pd.DataFrame(rows, columns=pd.Index(UNIT_COLUMNS[len(KEYS) :]))
    whole = {name: "Int64" for name in ("parts", "planned_year", "actual_year", "ahead_years")}
    if len(listed) and len(planned):
        gap = listed[listed["unit_code"].isin(table.loc[table["planned_year"].isna(), "unit_code"])]
        if len(gap):
            issues.append(finding("warning", "track.no_plan", gap, "year", n=gap["unit_code"].nunique()))
    return table.astype(whole).assign(actual_date=pd.to_datetime(table["actual_date"])), issues


def _last(rows: pd.DataFrame | None, members: set[str], column: str) -> object:
    """Return the latest of the parts' years or days; None where a part has none, or two."""
    if rows is None:
        return None
    whole = rows[rows["whole"]]
    if len(whole):
        values = whole[column].dropna().unique()
        return values[0] if len(values) == 1 else None
    by_part = rows.dropna(subset=[column]).groupby("was_code")[column].agg(["min", "max"])
    known = by_part["max"].where(by_part["min"] == by_part["max"]).reindex(sorted(members))
    return None if known.isna().any() else known.max()


def _judge(planned: object, actual: object, one: _Programme) -> tuple[object, str]:
    """Return the years ahead of the plan (behind: negative) and the state of one unit."""
    if planned is None:
        return None, "unknown"
    if actual is not None:
        ahead = int(planned) - int(actual)  # type: ignore[call-overload]
        return ahead, "ahead" if ahead > 0 else "behind" if ahead < 0 else "on_plan"
    if one.closed_year is None:
        return None, "unknown"
    if int(planned) <= one.closed_year:  # type: ignore[call-overload]
        return int(planned) - one.closed_year - 1, "behind"  # type: ignore[call-overload]
    return None, "on_plan"


def _years(one: _Programme, units: pd.DataFrame) -> tuple[pd.DataFrame, list[Issue]]:
    """Return plan and actual by year, single and cumulative."""
    size, issues = baseline_size(one.baseline)
    planned, found = count_by_year(one.plan, units["planned_year"], "plan")
    reached, more = count_by_year(one.actual, units["actual_year"], "actual")
    issues += [*found, *more]
    # A part of a merged unit may have been reached in a year in which no whole unit was.
    years = sorted(
        {*planned.years, *reached.years, *map(int, one.plan["year"].dropna()), *map(int, one.actual["year"])}
    )
    if not years:
        return pd.DataFrame(), issues
    span = pd.Index(range(years[0], years[-1] + 1), name="year")
    table = pd.DataFrame(index=span)
    table["plan"] = _series(planned, span, None if one.plan.empty else span[-1])
    table["actual"] = _series(reached, span, one.known_to.year if one.known_to else None)
    for name in ("plan", "actual"):
        unknown = table[name].isna().cummax()
        table[f"cumulative_{name}"] = table[name].fillna(0).cumsum().mask(unknown)
    if size.total is not None:
        for name, rows in (("plan", one.plan), ("actual", one.actual)):
            over = (table[f"cumulative_{name}"] > size.total).fillna(value=False)
            if over.any():
                most = int(table.loc[over, f"cumulative_{name}"].max())
                message = "track.plan_over_baseline" if name == "plan" else "track.actual_over_baseline"
                issues.append(finding("error", message, rows, "count", n=most, of=size.total))
                table[f"cumulative_{name}"] = table[f"cumulative_{name}"].mask(over)
    table["ahead_count"] = table["cumulative_actual"] - table["cumulative_plan"]
    table["state"] = [_state(table, int(year), one) for year in span]
    share = table["cumulative_actual"].astype("Float64") / table["cumulative_plan"].astype("Float64") * 100
    table["share_of_plan_pct"] = share.mask((table["cumulative_plan"] == 0).fillna(value=False))
    before = _reached_before(table, one.plan)
    if before and (size.total is None or table["plan"].sum(skipna=False) not in (size.total, size.total - before)):
        issues.append(
            finding("info", "track.before_plan", one.actual, "year", n=before, year=int(one.plan["year"].min()))
        )
        table["state"] = "unknown"
        for name in ("ahead_count", "share_of_plan_pct"):
            table[name] = table[name].mask(table[name].notna())
    table["baseline_count"] = pd.array([size.total] * len(table), dtype="Int64")
    everything = pd.concat([one.baseline, one.plan, one.actual])
    constructed = any(_rests_on_constructed(rows) for rows in (one.baseline, one.plan, one.actual))
    return table.assign(
        how="constructed" if constructed else "derived", source=_sources(everything)
    ).reset_index(), issues


def _reached_before(table: pd.DataFrame, plan: pd.DataFrame) -> int:
    """Return how many were reached before the first year of the plan."""
    if plan.empty or plan["year"].isna().all():
        return 0
    return int(table.loc[table.index < int(plan["year"].min()), "actual"].sum())


def _rests_on_constructed(rows: pd.DataFrame) -> bool:
    """Tell whether a count rests on constructed rows: named ones under a total that a document prints add nothing."""
    constructed = rows["how"] == "constructed"
    years = rows["year"] if "year" in rows else pd.Series(0, index=rows.index)
    printed = set(years[rows["unit_code"].isna() & ~constructed].dropna())
    return bool((constructed & ~years.isin(printed)).any())


def _series(count: Count, span: pd.Index, last: int | None) -> pd.Series:
    """Return the count of each year: 0 in a year up to ``last`` of which nothing is told, unknown after it."""
    values = [count.by_year.get(year, 0 if last is not None and year <= last else None) for year in span]
    return pd.Series(values, index=span, dtype="Int64")


def _state(table: pd.DataFrame, year: int, one: _Programme) -> str:
    actual: Any = table["cumulative_actual"][year]
    plan: Any = table["cumulative_plan"][year]
    if pd.isna(actual) or pd.isna(plan):
        return "unknown"
    if actual >= plan:
        return "ahead" if actual > plan else "on_plan"
    if one.closed_year is not None and year <= one.closed_year:
        return "behind"
    before: Any = table["cumulative_plan"].get(year - 1, 0)
    return "behind" if not pd.isna(before) and actual < before else "unknown"


def _sources(rows: pd.DataFrame) -> str:
    texts = rows["document"].dropna().tolist() if "document" in rows else []
    return "; ".join(sorted({str(text) for text in texts if str(text)}))


def early_reached(years: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Tell how many were reached ahead of the roadmap, and whether they are part of what it adds up to.

    Parameters
    ----------
    years : DataFrame
        ``Progress.years``.

    Returns
    -------
    DataFrame
        ``programme, measure, unit_level, year, early_count, plan_total, baseline_count, inside``: the year in which
        most were early. ``inside`` is true where the plan already adds up to the whole baseline, so that the early
        ones are among those planned for later; false where plan and early ones together make the baseline; else
        unknown.
    tuple of Issue
        One for each programme with early ones inside its roadmap.
    """
    rows, issues = [], []
    for key, table in years.groupby(KEYS, sort=True):
        early = table["ahead_count"].astype("Float64")
        if early.isna().all() or float(early.max()) <= 0:
            continue
        at: Any = early.idxmax()
        year, n = int(table["year"][at]), int(early[at])
        total, size = table["plan"].sum(skipna=False), table["baseline_count"].iloc[0]
        inside = (
            pd.NA
            if pd.isna(size) or pd.isna(total)
            else True
            if total == size
            else False
            if total + n == size
            else pd.NA
        )
        rows.append((*key, year, n, total, size, inside))
        if inside is True:
            steps = " + ".join(str(int(plan)) for plan in table["plan"] if plan > 0)
            issues.append(Issue.of("info", "track.early_inside", n=n, year=year, steps=steps, total=int(total)))
    names = [*KEYS, "year", "early_count", "plan_total", "baseline_count", "inside"]
    whole = {
        "year": "Int64",
        "early_count": "Int64",
        "plan_total": "Int64",
        "baseline_count": "Int64",
        "inside": "boolean",
    }
    return pd.DataFrame(rows, columns=pd.Index(names)).astype(whole), tuple(issues)


def exit_years(units: pd.DataFrame) -> pd.Series:
    """Return the year in which each commune leaves: the actual one if it has left, else the planned one.

    Parameters
    ----------
    units : DataFrame
        ``Progress.units``.

    Returns
    -------
    Series of Int64, index ``commune_code``, name ``exit_year``
        Missing where neither is known. Of a commune in two programmes, the later year: it has left when both have.
    """
    communes = units[(units["unit_level"] == "commune") & (units["measure"] == EXIT)]
    years = communes["actual_year"].fillna(communes["planned_year"]).astype("Int64")
    by_code = years.groupby(communes["unit_code"].astype("str")).agg(lambda found: found.max(skipna=False))
    return by_code.astype("Int64").rename("exit_year").rename_axis("commune_code")
