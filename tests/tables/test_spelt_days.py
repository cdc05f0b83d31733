"""Days as people read them."""

from datetime import date

import pytest

from geontm.messages import spelt_day


@pytest.mark.parametrize(
    ("day", "vi", "en"),
    [
        (date(2026, 6, 30), "30/6/2026", "2026-06-30"),
        (date(2025, 7, 1), "01/7/2025", "2025-07-01"),
        (date(2026, 2, 1), "01/02/2026", "2026-02-01"),  # Decree 30/2020: a nought before days to 9 and months 1 and 2
        (date(2026, 12, 10), "10/12/2026", "2026-12-10"),
    ],
)
def test_days_are_written_as_decrees_write_them(day, vi, en):
    assert (spelt_day(day, "vi"), spelt_day(day, "en")) == (vi, en)
