"""Forecasts that say how they were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd

from geontm.tables import Column, Issue
from geontm.track.shapes import finding, with_columns
from geontm.track.values import VALUE_KEYS, by_year

__all__ = ["FORECAST_COLUMNS", "Forecast", "Method", "forecast", "forecast_all"]

Method = Literal["linear", "constant_fall", "compound"]
FORECAST_COLUMNS = (*VALUE_KEYS, "unit_name", "year", "value", "method", "base_years", "how", "source")


@dataclass(frozen=True)
class Forecast:
    """A value for a coming year, the method, and the years that it rests on."""

    value: float
    method: Method
    base_years: tuple[int, ...]


def forecast(values: Mapping[int, float], year: int, method: Method) -> Forecast:
    """Forecast one figure from its values of past years.

    Parameters
    ----------
    values : mapping of year to value
        At least two years.
    year : int
        The year to forecast, after the last.
    method : {"linear", "constant_fall", "compound"}
        ``linear``: the straight line of least squares through all years. ``constant_fall``: the mean yearly change in
        points from the first year to the last goes on. ``compound``: the mean yearly rate of change goes on.

    Raises
    ------
    ValueError
        Fewer than two years, a year that is not after the last, or a compound rate through 0 or a negative value.
    """
    years = tuple(sorted(values))
    if len(years) < 2 or year <= years[-1]:
        raise ValueError(f"cannot forecast {year} from {years}")
    first, last = values[years[0]], values[years[-1]]
    span, ahead = years[-1] - years[0], year - years[-1]
    if method == "linear":
        mean_year, mean = sum(years) / len(years), sum(values[y] for y in years) / len(years)
        spread = sum((y - mean_year) ** 2 for y in years)
        slope = sum((y - mean_year) * (values[y] - mean) for y in years) / spread
        return Forecast(mean + slope * (year - mean_year), method, years)
    if method == "constant_fall":
        return Forecast(last + (last - first) / span * ahead, method, years)
    if first <= 0 or last <= 0:
        raise ValueError(f"no compound rate from {first} to {last}")
    return Forecast(last * (last / first) ** (ahead / span), method, years)


def forecast_all(
    wanted: pd.DataFrame, values: pd.DataFrame, columns: Mapping[str, Column]
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Make, or take from a document, every forecast that a project asks for.

    Parameters
    ----------
    wanted : DataFrame
        ``unit_level, unit_code, group, indicator, year, method``, ``value`` where a document gives it (method
        ``given``, or none), and ``base_years`` (``"2022, 2023"``, ``"2018-2023"``; missing: every year before).
    values : DataFrame
        Actual values as in :func:`geontm.track.by_year`.
    columns : mapping
        The column dictionary: a forecast outside the range of its indicator is unknown.

    Returns
    -------
    DataFrame
        ``FORECAST_COLUMNS``, one row per row of ``wanted``; ``how`` is ``given`` or ``derived``, ``base_years`` the
        years used. A forecast that could not be made is unknown.
    tuple of Issue
    """
    table, found = by_year(values)
    issues = list(found)
    rows = with_columns(
        wanted, "unit_level", "unit_code", "unit_name", "year", "value", "document", "how", "file", "row"
    )
    for name in ("group", "indicator", "method", "base_years"):
        rows[name] = (rows[name] if name in rows else pd.Series(pd.NA, index=rows.index)).astype("str")
    rows[VALUE_KEYS] = rows[VALUE_KEYS].fillna("")
    made = []
    for at, row in rows.iterrows():
        one = rows.loc[[at]]
        method: Any = row["method"] if pd.notna(row["method"]) else "given"
        value, years = row["value"], ""
        how = row["how"] if pd.notna(row["how"]) else "given"
        if method in get_args(Method):
            value, years, trouble = _make(row, method, table, columns)
            how = "derived"
            if trouble:
                issues.append(finding("warning", trouble, one, "method", year=row["year"], indicator=row["indicator"]))
        elif pd.isna(value):
            issues.append(finding("warning", "track.forecast_empty", one, "value", year=row["year"]))
        made.append((*(row[name] for name in VALUE_KEYS), row["unit_name"], row["year"], value, method, years, how,
                     row["document"]))  # fmt: skip
    result = pd.DataFrame(made, columns=pd.Index(FORECAST_COLUMNS))
    result = result.astype({"year": "Int64", "value": "Float64"})
    return result.sort_values([*VALUE_KEYS, "year", "method"], ignore_index=True), tuple(issues)


def _make(
    row: pd.Series, method: Method, table: pd.DataFrame, columns: Mapping[str, Column]
) -> tuple[object, str, str]:
    """Return the value, the years it rests on, and the message that says why there is none."""
    key = tuple(row[name] for name in VALUE_KEYS)
    if pd.isna(row["year"]) or key not in table.index:
        return pd.NA, "", "track.forecast_without_values"
    known = {int(year): float(value) for year, value in table.loc[key].dropna().items()}
    asked = _years(row["base_years"]) if pd.notna(row["base_years"]) else sorted(y for y in known if y < row["year"])
    used = {year: known[year] for year in asked if year in known}
    try:
        one = forecast(used, int(row["year"]), method)
    except ValueError:
        return pd.NA, "", "track.forecast_without_values"
    years = ", ".join(map(str, one.base_years))
    column = columns.get(row["indicator"])
    low, high = (column.minimum, column.maximum) if column else (None, None)
    if (low is not None and one.value < low) or (high is not None and one.value > high):
        return pd.NA, years, "track.forecast_out_of_range"
    return one.value, years, "track.forecast_fewer_years" if len(used) < len(asked) else ""


def _years(text: str) -> Sequence[int]:
    """Read ``2022, 2023`` and ``2018-2023``."""
    years: set[int] = set()
    for part in text.replace(";", ",").replace("–", "-").split(","):
        ends = [end.strip() for end in part.split("-")]
        if all(end.isdigit() for end in ends) and len(ends) in (1, 2):
            years |= set(range(int(ends[0]), int(ends[-1]) + 1))
    return sorted(years)
