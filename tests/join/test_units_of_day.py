"""Boundaries whose units had changed by the project's day are refused; others are not."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import VintageError
from geontm.join import require_units_of_day

OLD, NEW = date(2019, 12, 31), date(2020, 1, 1)


def listed(**units: tuple[str, str]) -> pd.DataFrame:
    rows = {
        code.removeprefix("c"): {"commune_name": name, "kind": name.split()[0].lower(), "district_code": district}
        for code, (name, district) in units.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("commune_code")


# B goes into A, which keeps name and code; C of the other district stays.
BEFORE = listed(c01=("Xã A", "1"), c02=("Xã B", "1"), c03=("Xã C", "2"))
AFTER = listed(c01=("Xã A", "1"), c03=("Xã C", "2"))


def refused(units, lists, day=NEW, boundaries=OLD, **more):
    with pytest.raises(VintageError) as error:
        require_units_of_day(day, units, boundaries_date=boundaries, lists=lists, **more)
    return error.value


def test_a_unit_that_is_gone_is_named():
    error = refused(BEFORE, (BEFORE, AFTER), layers=["schematic:x"])
    assert "Xã B" in error.text("vi") and "(Xã B)" in error.text("en") and "schematic:x" in error.fix


def test_a_unit_that_stood_then_and_is_absent_is_named():
    assert "Xã B" in refused(AFTER, (AFTER, BEFORE), day=OLD, boundaries=NEW).text("vi")


def test_a_piece_of_a_district_does_not_have_to_have_its_neighbours():
    more = listed(c01=("Xã A", "1"), c04=("Xã D", "1"), c03=("Xã C", "2"))
    partly = AFTER.loc[["03"]]
    require_units_of_day(OLD, partly, boundaries_date=NEW, lists=(AFTER, more))
    # 01 alone of a district of two: that 02 stood in it says nothing of 01.
    require_units_of_day(NEW, BEFORE.loc[["01"]], boundaries_date=OLD, lists=(BEFORE, AFTER))


@pytest.mark.parametrize("change", [{"commune_name": "Xã A2"}, {"kind": "phường"}, {"district_code": "2"}])
def test_a_name_a_kind_or_a_district_that_changed_is_a_change(change):
    after = BEFORE.copy()
    for column, value in change.items():
        after.loc["01", column] = value
    assert "Xã A" in refused(BEFORE, (BEFORE, after)).text("vi")


def test_nothing_is_told_without_a_date_of_the_boundaries():
    require_units_of_day(NEW, BEFORE, boundaries_date=None, lists=(BEFORE, AFTER))


def test_units_that_no_list_knows_are_not_this_checks_matter():
    strange = listed(c99=("Xã Z", "9"))
    require_units_of_day(NEW, strange, boundaries_date=OLD, lists=(BEFORE, AFTER))


def test_only_five_are_named_and_all_are_counted():
    many = listed(**{f"c{n:02}": (f"Xã {n}", "1") for n in range(1, 9)})
    error = refused(many, (many, many.iloc[:0]))
    assert ": 8 (" in error.text("en") and ", …)" in error.text("en")


@given(st.permutations(list(BEFORE.index)), st.permutations(list(AFTER.index)))
@settings(deadline=None)
def test_the_order_of_rows_is_of_no_account(before, after):
    told = refused(BEFORE.loc[before], (BEFORE.loc[before], AFTER.loc[after])).text("vi")
    assert told == refused(BEFORE, (BEFORE, AFTER)).text("vi")
