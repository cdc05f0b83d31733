"""Joins tables to units by code or by name, as of a date."""

from geontm.join.match import By, Match, match_units
from geontm.join.names import NameKey, normalise_name

__all__ = ["By", "Match", "NameKey", "match_units", "normalise_name"]
