"""The day that parts two lists of units, and how plainly a file must speak for one of them."""

from __future__ import annotations

import datetime

__all__ = ["CLEARLY_MORE", "CONTRADICTS_DATE", "LEAST_FIT", "NEARLY_ALL", "REFORM", "SAME_FIT"]

# 63 provinces became 34, districts ended, and 10,035 communes became 3,321.
REFORM = datetime.date(2025, 7, 1)

# Shares of the rows or units of a file that a list knows.
LEAST_FIT = 0.6  # a file without date fits a list if this share of it is known there
SAME_FIT = 0.02  # shares closer than this tell two lists apart no longer
CONTRADICTS_DATE = 0.25  # a date is not believed where a list of another time fits better by this share

# Shares of a list that a file holds: all of one and clearly less of the other is a full list of the first.
NEARLY_ALL, CLEARLY_MORE = 0.8, 0.2
