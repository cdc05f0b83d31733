"""Joins tables to units by code or by name, as of a date."""

from geontm.join.combine import LONG_COLUMNS, Joined, MatchedTable, one_row_per_commune
from geontm.join.match import By, Match, match_units
from geontm.join.names import NameKey, normalise_name
from geontm.join.regions import region_of_province
from geontm.join.scopes import Within
from geontm.join.units_of_day import require_units_of_day
from geontm.join.vintage import REFORM, Register, check_vintage, require_same_era

__all__ = [
    "LONG_COLUMNS",
    "REFORM",
    "By",
    "Joined",
    "Match",
    "MatchedTable",
    "NameKey",
    "Register",
    "Within",
    "check_vintage",
    "match_units",
    "normalise_name",
    "one_row_per_commune",
    "region_of_province",
    "require_same_era",
    "require_units_of_day",
]
