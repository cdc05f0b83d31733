"""Units that merge while a programme runs: nothing counted twice, nothing lost, nothing guessed."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm import track
from geontm.project import read_dictionary

DAY, LATER = "2020-03-01", date(2020, 12, 1)
NOTHING = pd.DataFrame()
INDICATORS = read_dictionary("indicators").columns


def succession(*pairs: tuple, day: str = DAY) -> pd.DataFrame:
    rows = [
        {"unit_level": "commune", "old_code": p[0], "old_name": p[0].upper(), "new_code": p[1],
         "new_name": p[1].upper(), "date": p[3] if len(p) > 3 else day, "share": p[2] if len(p) > 2 else None,
         "document": "864/NQ"}
        for p in pairs
    ]  # fmt: skip
    return track.check_mergers(pd.DataFrame(rows))[0]


def listed(*codes: str, day: str = "2018-10-21") -> pd.DataFrame:
    return pd.DataFrame(
        {"unit_level": "commune", "unit_code": list(codes), "unit_name": [c.upper() for c in codes],
         "units_date": day, "date": day}
    )  # fmt: skip


def ids(issues) -> list[str]:
    return [issue.message.id for issue in issues]


def test_two_communes_that_merge_are_in_the_list_once():
    carried = track.carry_units(listed("a", "b", "c"), succession(("a", "a"), ("b", "a")), until=LATER)
    assert carried.table["unit_code"].tolist() == ["a", "a", "c"]
    assert carried.table["was_code"].tolist() == ["a", "b", "c"]
    assert carried.became[["old_code", "new_code"]].to_numpy().tolist() == [["a", "a"], ["b", "a"]]
    sizes = track.list_sizes(carried.table, as_of=LATER)
    assert sizes["count"].tolist() == [3, 2]
    assert track.baseline_size(carried.table)[0].total == 2


def test_a_printed_number_of_before_and_one_of_after_the_mergers():
    carried = track.carry_units(listed("a", "b", "c"), succession(("a", "a"), ("b", "a")), until=LATER)
    before = pd.concat([carried.table, pd.DataFrame([{"unit_level": "commune", "count": 5, "date": "2018-10-21"}])])
    assert track.baseline_size(before)[0] == track.counting.Size(named=2, unnamed=2, total=4)
    both = pd.concat([before, pd.DataFrame([{"unit_level": "commune", "count": 2, "date": "2020-12-01"}])])
    assert track.baseline_size(both)[0].total == 2
    wrong = pd.concat([before, pd.DataFrame([{"unit_level": "commune", "count": 1, "date": "2020-12-01"}])])
    size, issues = track.baseline_size(wrong)
    assert size.total == 2 and ids(issues) == ["track.baseline_named_more"]


def test_a_merger_after_the_day_or_before_the_table_is_not_applied():
    mergers = succession(("a", "x"))
    assert track.carry_units(listed("a"), mergers, until=date(2020, 2, 29)).table["unit_code"].tolist() == ["a"]
    assert track.carry_units(listed("a"), mergers, until=date(2020, 3, 1)).table["unit_code"].tolist() == ["x"]
    assert track.carry_units(listed("a", day=DAY), mergers, until=LATER).table["unit_code"].tolist() == ["a"]


def test_mergers_follow_each_other():
    mergers = succession(("a", "b", None, "2019-01-01"), ("b", "c", None, "2020-01-01"))
    assert track.carry_units(listed("a", "b"), mergers, until=LATER).table["unit_code"].tolist() == ["c", "c"]


def test_a_split_unit_keeps_its_code_and_is_an_issue():
    rows = succession(("a", "x"), ("a", "y"))
    carried = track.carry_units(listed("a", "b"), rows, until=LATER)
    assert carried.table["unit_code"].tolist() == ["a", "b"]
    assert ids(carried.issues) == ["track.split_in_list"]


def raw(*rows: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["old_code", "new_code", "date"])
    return frame.assign(unit_level="commune", old_name=frame["old_code"], new_name=frame["new_code"])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "x", DAY), ("a", "y", DAY)], "track.split"),
        ([("a", "b", "2019-01-01"), ("c", "a", "2020-01-01")], "track.code_reused"),
        ([("a", "b", DAY), ("c", "a", DAY)], "track.code_reused"),
        ([("a", "b", "2019-01-01"), ("a", "c", "2020-01-01")], "track.ended_twice"),
        ([("a", None, DAY)], "track.merger_incomplete"),
        ([("a", "b", None)], "track.merger_incomplete"),
    ],
)
def test_odd_successions_are_issues(rows, message):
    assert message in ids(track.check_mergers(raw(*rows))[1])


@pytest.mark.parametrize("rows", [[("a", "b"), ("b", "a")], [("c", "a"), ("b", "c"), ("a", "b")]])
def test_units_that_merge_into_each_other_on_one_day_stay_where_they_are(rows):
    usable, issues = track.check_mergers(raw(*((old, new, DAY) for old, new in rows), ("z", "a", DAY)))
    (circle,) = (issue for issue in issues if issue.message.id == "track.merger_circle")
    names = ", ".join(sorted(old for old, _ in rows))
    assert (circle.severity, circle.value) == ("error", names) and names in circle.message.text("vi")
    assert usable[["old_code", "new_code"]].to_numpy().tolist() == [["z", "a"]]


def test_units_that_exchange_parts_are_no_circle():
    rows = [("a", "a", DAY), ("a", "b", DAY), ("b", "b", DAY), ("b", "a", DAY)]
    assert "track.merger_circle" not in ids(track.check_mergers(raw(*rows))[1])


def test_a_plain_merger_is_no_issue():
    assert not track.check_mergers(raw(("a", "a", DAY), ("b", "a", DAY), ("c", "d", DAY)))[1]


def test_a_code_reused_on_one_day_is_followed_in_time():
    mergers = succession(("a", "b"), ("c", "a"))
    assert track.carry_units(listed("a", "c"), mergers, until=LATER).table["unit_code"].tolist() == ["b", "a"]


def test_a_merged_unit_is_out_when_all_its_parts_are():
    mergers = succession(("a", "m"), ("b", "m"))
    base = track.carry_units(listed("a", "b"), mergers, until=LATER).table
    plan = track.carry_units(listed("a", "b").assign(year=[2018, 2020]), mergers, until=LATER).table
    one = listed("a").assign(date="2018-12-31", units_date="2018-12-31")
    two = pd.concat([one, listed("b").assign(date="2019-12-31", units_date="2019-12-31")])
    for actual, reached, year, found in ((one, [0], pd.NA, ["track.parts_reached"]), (two, [0, 1], 2019, [])):
        carried = track.carry_units(actual, mergers, until=LATER).table
        progress = track.compare(base, plan, carried, as_of=LATER)
        unit = progress.units.iloc[0]
        assert (unit["unit_code"], unit["parts"], unit["planned_year"]) == ("m", 2, 2020)
        assert unit["actual_year"] is year or unit["actual_year"] == year
        assert progress.years["cumulative_actual"].dropna().tolist()[-1:] == reached[-1:]
        assert ids(progress.issues) == found


def test_an_event_of_the_merged_unit_itself_counts_for_all_of_it():
    mergers = succession(("a", "a"), ("b", "a"))
    base = track.carry_units(listed("a", "b"), mergers, until=LATER).table
    after = listed("a").assign(date="2020-06-01", units_date="2020-06-01")
    progress = track.compare(base, NOTHING, track.carry_units(after, mergers, until=LATER).table, as_of=LATER)
    assert progress.units["actual_year"].tolist() == [2020]


def values(rows: dict[tuple[str, str], float | None], year: int = 2019) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"unit_level": "commune", "unit_code": code, "indicator": name, "year": year, "value": value,
             "units_date": "2019-12-31"}
            for (code, name), value in rows.items()
        ]
    )  # fmt: skip


def test_what_adds_up_is_summed_and_a_rate_is_weighted():
    table = values(
        {("a", "household_count"): 100, ("b", "household_count"): 300,
         ("a", "poor_household_pct"): 40, ("b", "poor_household_pct"): 20}
    )  # fmt: skip
    carried = track.carry_values(table, succession(("a", "m"), ("b", "m")), INDICATORS, until=LATER)
    assert carried.table.set_index("indicator")["value"].to_dict() == {"household_count": 400, "poor_household_pct": 25}
    assert set(carried.table["unit_code"]) == {"m"} and set(carried.table["how"]) == {"derived"}


def test_without_weights_or_with_a_missing_part_the_merged_value_is_unknown():
    mergers = succession(("a", "m"), ("b", "m"))
    rate = track.carry_values(
        values({("a", "poor_household_pct"): 40, ("b", "poor_household_pct"): 20}), mergers, INDICATORS, until=LATER
    )
    part = track.carry_values(values({("a", "household_count"): 100}), mergers, INDICATORS, until=LATER)
    for carried in (rate, part):
        assert carried.table["value"].isna().all() and ids(carried.issues) == ["track.value_not_carried"]


def test_a_split_spreads_what_adds_up_by_known_shares_only():
    table = values({("a", "household_count"): 100})
    shared = track.carry_values(table, succession(("a", "x", 0.25), ("a", "y", 0.75)), INDICATORS, until=LATER)
    assert shared.table.set_index("unit_code")["value"].to_dict() == {"x": 25, "y": 75}
    blind = track.carry_values(table, succession(("a", "x"), ("a", "y")), INDICATORS, until=LATER)
    assert blind.table["value"].isna().all()


OLD = [f"{n:05d}" for n in range(8)]


def in_a_circle(moves: dict[str, str]) -> bool:
    """Tell whether a unit comes back to itself by way of another one."""
    for code in moves:
        path = [code]
        while (step := moves.get(path[-1])) is not None and step not in path:
            path.append(step)
        if len(path) > 1 and step == code:
            return True
    return False


MERGED = st.dictionaries(st.sampled_from(OLD), st.sampled_from([*OLD[:3], "90001", "90002"]), max_size=8).filter(
    lambda moves: not in_a_circle(moves)
)


def whole(moves: dict[str, str]) -> pd.DataFrame:
    """Complete a drawn succession: a unit that takes others in keeps its own row, unless it goes elsewhere itself."""
    kept = {code: code for code in moves.values() if code in OLD and code not in moves}
    return succession(*sorted({**moves, **kept}.items()))


@settings(deadline=None, max_examples=60)
@given(moves=MERGED, counts=st.lists(st.integers(0, 10_000), min_size=8, max_size=8))
def test_carrying_then_summing_is_summing_then_carrying(moves, counts):
    table = values({(code, "household_count"): n for code, n in zip(OLD, counts, strict=True)})
    carried = track.carry_values(table, whole(moves), INDICATORS, until=LATER).table
    assert carried["value"].sum() == sum(counts)
    by_unit = carried.groupby("unit_code")["value"].sum()
    expected = pd.Series(counts, index=[moves.get(code, code) for code in OLD]).groupby(level=0).sum()
    assert by_unit.to_dict() == expected.to_dict()


@settings(deadline=None, max_examples=60)
@given(moves=MERGED, inside=st.sets(st.sampled_from(OLD), min_size=1), seed=st.randoms())
def test_a_list_holds_each_unit_of_the_day_once_in_any_order(moves, inside, seed):
    before = listed(*sorted(inside))
    mergers = whole(moves)
    mixed = mergers.sample(frac=1, random_state=seed.randrange(2**32)) if len(mergers) else mergers
    after = track.carry_units(before, mixed, until=LATER).table
    assert set(after["unit_code"]) == {moves.get(code, code) for code in inside}
    size = track.baseline_size(after)[0]
    assert size.total == after["unit_code"].nunique() <= len(inside)
