"""Programmes over time: plan against actual, values by year, mergers, floors, forecasts, capital, status."""

from geontm.track.agencies import Agencies, link_agencies
from geontm.track.capital import check_capital, sum_capital
from geontm.track.counting import baseline_size, list_sizes
from geontm.track.floors import floor_totals, under_floor
from geontm.track.forecasts import Forecast, forecast, forecast_all
from geontm.track.history import status_history, status_on
from geontm.track.mergers import Carried, carry_units, carry_values, check_mergers
from geontm.track.progress import Progress, compare, early_reached, exit_years
from geontm.track.shapes import EXIT
from geontm.track.values import (
    Bounds,
    by_year,
    compare_targets,
    fall_since,
    households_of_fall,
    printed_bounds,
    ratio_to,
    total_of_fall,
)

__all__ = [
    "EXIT",
    "Agencies",
    "Bounds",
    "Carried",
    "Forecast",
    "Progress",
    "baseline_size",
    "by_year",
    "carry_units",
    "carry_values",
    "check_capital",
    "check_mergers",
    "compare",
    "compare_targets",
    "early_reached",
    "exit_years",
    "fall_since",
    "floor_totals",
    "forecast",
    "forecast_all",
    "households_of_fall",
    "link_agencies",
    "list_sizes",
    "printed_bounds",
    "ratio_to",
    "status_history",
    "status_on",
    "sum_capital",
    "total_of_fall",
    "under_floor",
]
