"""Figures of documents: exact arithmetic on printed decimals, honest origins, contradictions with both sides."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import TableError
from geontm.load.figure_tables import CONTRADICTIONS, GIVEN, RECIPES
from geontm.track.figure_amounts import RECIPES as WAYS
from geontm.track.figure_amounts import Amount, read_amount, written
from geontm.track.figure_counts import RunTable, count, read_conditions
from geontm.track.figure_plan import plan_figures
from geontm.track.figures import Figures, work_out


def frame(rows: list[dict[str, str]], columns: tuple[tuple[str, ...], tuple[str, ...]], file: str) -> pd.DataFrame:
    names = [*columns[0], *columns[1], "file"]
    cells = [{**dict.fromkeys(names), "file": file, **row} for row in rows]
    return pd.DataFrame(cells, columns=names, index=range(2, 2 + len(cells)), dtype="object")


def solve(
    printed: list[dict[str, str]],
    recipes: list[dict[str, str]] = (),
    contradictions: list[dict[str, str]] = (),
    tables: dict[str, RunTable] | None = None,
) -> Figures:
    printed = [{"unit": "", "as_of": "2020-12-31", **row} for row in printed]
    plan = plan_figures(
        frame(printed, GIVEN, "so-lieu.csv"),
        frame(list(recipes), RECIPES, "cong-thuc.csv"),
        frame(list(contradictions), CONTRADICTIONS, "mau-thuan.csv"),
    )
    return work_out(plan, tables or {})


def row(figures: Figures, key: str, day: str = "") -> dict[str, object]:
    table = figures.table
    found = table[(table["key"] == key) & ((table["as_of"] == day) | (day == ""))]
    assert len(found) == 1
    return found.iloc[0].to_dict()


def p(key: str, value: str, **more: str) -> dict[str, str]:
    return {"key": key, "value": value, **more}


def r(key: str, recipe: str, of: str = "", **more: str) -> dict[str, str]:
    return {"key": key, "recipe": recipe, "of": of, **more}


def test_a_printed_figure_stays_as_printed():
    figures = solve([p("a", "2.0", unit="ratio", source="báo"), p("b", "16/19"), p("c", "không còn")])
    assert list(figures.table["value"]) == ["2.0", "16/19", "không còn"]
    assert set(figures.table["how"]) == {"given"}
    assert [(issue.severity, issue.message.id, issue.value) for issue in figures.issues] == [
        ("info", "figures.no_number", "không còn")
    ]
    assert row(figures, "a")["source"] == "báo"


@pytest.mark.parametrize(
    ("recipe", "values", "wanted"),
    [
        ("share_pct", ("33", "177"), "18.6"),
        ("plan_from_share", ("1856", "161.8"), "1147"),
        ("value_before_fall", ("0.62", "2.87"), "3.49"),
        ("fall", ("8.92", "6.02"), "2.90"),
        ("sum", ("3", "13", "6"), "22"),
        ("difference", ("22", "6"), "16"),
        ("mean", ("14", "15", "14", "15"), "14.50"),
        ("product", ("2.0", "7"), "14.0"),
        ("ratio", ("8", "4"), "2.00"),
        ("growth_pct", ("66", "60"), "10.00"),
        ("value_before_growth", ("66", "10"), "60.00"),
        ("count_from_points", ("2.9", "1000"), "29"),
        ("pair", ("25", "38"), "25/38"),
    ],
)
def test_what_follows_from_printed_figures(recipe, values, wanted):
    keys = [f"k{number}" for number in range(len(values))]
    figures = solve([p(k, v) for k, v in zip(keys, values, strict=True)], [r("x", recipe, ";".join(keys), unit="%")])
    assert (row(figures, "x")["value"], row(figures, "x")["how"]) == (wanted, "derived")
    assert not figures.issues


def test_the_total_behind_a_fall_has_the_interval_that_rounding_leaves():
    printed = [p("fall", "2.9"), p("poor", "5100")]
    figures = solve(printed, [r("total", "total_from_fall", "poor; fall", decimals="-2", unit="household")])
    found = row(figures, "total")
    assert (found["value"], found["low"], found["high"]) == ("175900", "172881", "178947")


def test_the_plan_behind_161_8_percent_is_the_only_whole_number_in_its_interval():
    figures = solve([p("left", "1856"), p("share", "161.8")], [r("plan", "plan_from_share", "left; share")])
    found = row(figures, "plan")
    low, high = Fraction(found["low"]), Fraction(found["high"])
    assert [n for n in range(1140, 1155) if low <= n <= high] == [1147]


def test_a_printed_figure_that_follows_from_others_is_derived():
    printed = [p("ntm", "33"), p("all", "177"), p("share", "18.6", unit="percent")]
    figures = solve(printed, [r("share", "share_pct", "ntm; all")])
    found = row(figures, "share")
    assert (found["value"], found["how"], found["computed"], found["check"]) == ("18.6", "derived", "18.6", "agrees")
    assert found["recipe"] == "33 ÷ 177 × 100" and not figures.issues


def test_a_printed_figure_that_does_not_follow_stays_given_and_is_told():
    figures = solve([p("ntm", "33"), p("all", "177"), p("share", "18.7")], [r("share", "share_pct", "ntm; all")])
    found = row(figures, "share")
    assert (found["value"], found["how"], found["computed"], found["check"]) == ("18.7", "given", "18.6", "differs")
    (issue,) = figures.issues
    assert issue.message.id == "figures.differs" and issue.row == "2" and "18.7" in issue.value


@pytest.mark.parametrize(
    ("bound", "value", "agrees"),
    [
        ("more_than", "55", False), ("more_than", "56", True), ("at_least", "55", True), ("at_least", "54", False),
        ("at_most", "55", True), ("at_most", "56", False), ("less_than", "54", True), ("less_than", "55", False),
    ],
)  # fmt: skip
def test_a_document_may_only_limit_a_figure(bound, value, agrees):
    figures = solve([p("a", value), p("x", "55", bound=bound)], [r("x", "sum", "a")])
    assert row(figures, "x")["check"] == ("agrees" if agrees else "differs")


def test_a_figure_of_two_days_is_named_with_its_day():
    printed = [p("rate", "8.92", as_of="2022-12-31"), p("rate", "6.02", as_of="2023-12-31")]
    figures = solve(printed, [r("fall", "fall", "rate@2022-12-31; rate@2023-12-31")])
    assert row(figures, "fall")["value"] == "2.90" and row(figures, "fall")["as_of"] == "2023-12-31"
    with pytest.raises(TableError) as caught:
        solve(printed, [r("fall", "sum", "rate")])
    assert caught.value.message.id == "figures.several_days"


VILLAGES = pd.DataFrame(
    {
        "xa": ["A", "A", "B", "B"],
        "nam": [2017, 2018, 2018, None],
        "tieu_chi": [9, 10, 11, 8],
        "ma": ["02", "022", "2", "2"],
        "dat": pd.array([True, False, None, True], dtype="boolean"),
    }
)


@pytest.mark.parametrize(
    ("recipe", "where", "column", "wanted"),
    [
        ("count_of", "xa = A", "", 2),
        ("count_of", "xa = a|b", "", 4),
        ("count_of", "xa != A|B", "", 0),
        ("count_of", "tieu_chi >= 10", "", 2),
        ("count_of", "tieu_chi < 10; xa = B", "", 1),
        ("count_of", "ma = 2", "", 2),
        ("count_of", "nam = empty", "", 1),
        ("count_of", "nam != empty", "", 3),
        ("count_of", "nam = empty|2017", "", 2),
        ("count_of", "ma = 02", "", 1),
        ("sum_of", "", "tieu_chi", 38),
        ("mean_of", "xa = B", "tieu_chi", Fraction(19, 2)),
        ("min_of", "", "tieu_chi", 8),
        ("max_of", "", "tieu_chi", 11),
        ("distinct_of", "", "xa", 2),
        ("sum_of", "xa = C", "tieu_chi", 0),
        ("mean_of", "xa = C", "tieu_chi", None),
    ],
)
def test_counts_over_a_table(recipe, where, column, wanted):
    found = count(RunTable(VILLAGES), recipe, read_conditions(where), column)
    assert found.amount.value == wanted and found.how == "measured"


def test_a_gap_leaves_a_count_unknown_between_its_ends():
    found = count(RunTable(VILLAGES), "count_of", read_conditions("dat = true"))
    assert found.amount == Amount(None, Fraction(2), Fraction(3)) and found.unknown == 1
    assert count(RunTable(VILLAGES), "sum_of", read_conditions("nam = 2018"), "tieu_chi").amount.value is None
    # The row whose year is a gap is of commune B: asked for A alone, nothing is missing.
    assert count(RunTable(VILLAGES), "count_of", read_conditions("xa = A; nam = 2018")).amount.value == 1


def test_an_unknown_figure_is_told_and_never_zero():
    recipes = [r("x", "count_of", table="thon", where="dat = true", as_of="2020-12-31"), r("y", "sum", "x")]
    figures = solve([], recipes, tables={"thon": RunTable(VILLAGES)})
    assert row(figures, "x")["value"] is None and (row(figures, "x")["low"], row(figures, "x")["high"]) == (
        "2.00",
        "3.00",
    )
    assert [issue.message.id for issue in figures.issues] == ["figures.gaps", "figures.input_unknown"]
    missing = solve([], [r("x", "count_of", table="khong_co"), r("y", "sum_of", table="thon", column="cot")],
                    tables={"thon": RunTable(VILLAGES)})  # fmt: skip
    assert [issue.message.id for issue in missing.issues] == ["figures.no_table", "figures.no_column"]


def test_what_rests_on_a_constructed_table_is_constructed_and_a_printed_figure_stays_given():
    table = RunTable(VILLAGES, how="constructed")
    printed = [p("villages", "4"), p("criteria", "9.5")]
    recipes = [
        r("villages", "count_of", table="thon"),
        r("criteria", "mean_of", table="thon", column="tieu_chi"),
        r("low", "count_of", table="thon", where="tieu_chi < 10"),
        r("low_pct", "share_pct", "low; villages"),
    ]
    figures = solve(printed, recipes, tables={"thon": table})
    assert dict(zip(figures.table["key"], figures.table["how"], strict=True)) == {
        "villages": "given", "criteria": "given", "low": "constructed", "low_pct": "constructed",
    }  # fmt: skip
    assert set(figures.table["computed_how"].dropna()) == {"constructed"}
    real = solve(printed[:1], recipes[:1], tables={"thon": RunTable(VILLAGES)})
    assert row(real, "villages")["how"] == "measured"


def test_rows_may_tell_their_own_origin():
    table = RunTable(VILLAGES.assign(how=["measured", "measured", "constructed", "given"]))
    assert count(table, "count_of", read_conditions("xa = A")).how == "measured"
    assert count(table, "count_of", read_conditions("xa = B")).how == "constructed"


SAYS = {
    "statement_a_vi": "lộ trình đưa 22 xã ra", "statement_a_en": "the roadmap takes 22 communes out",
    "statement_b_vi": "6 xã đã ra trước, còn 16", "statement_b_en": "six left before, 16 remain",
}  # fmt: skip


def test_a_contradiction_is_computed_on_both_sides():
    printed = [p("n18", "3"), p("n19", "13"), p("n20", "6"), p("all", "22"), p("out", "6")]
    recipes = [r("plan", "sum", "n18; n19; n20"), r("left", "difference", "all; out")]
    figures = solve(printed, recipes, [{"key": "som", "left": "plan", "right": "left", **SAYS}])
    (issue,) = figures.issues
    assert issue.severity == "warning" and issue.message.id == "figures.contradiction"
    assert issue.value == "plan = 22; left = 16" and "22" in issue.message.text("vi")
    agreeing = solve(printed, recipes, [{"key": "som", "left": "plan", "right": "all", **SAYS}])
    assert [(i.severity, i.message.id) for i in agreeing.issues] == [("info", "figures.no_contradiction")]
    unknown = solve(
        printed,
        [*recipes, r("gap", "count_of", table="khong_co")],
        [{"key": "som", "left": "plan", "right": "gap", **SAYS}],
    )
    assert "figures.contradiction_open" in [issue.message.id for issue in unknown.issues]
    stated = solve(printed, recipes, [{"key": "som", **SAYS}])
    assert [i.message.id for i in stated.issues] == ["figures.contradiction_stated"]


@pytest.mark.parametrize(
    ("printed", "recipes", "message"),
    [
        ([p("a", "1"), p("a", "2")], [], "figures.twice"),
        ([p("a", "1", as_of="2018")], [], "figures.bad_day"),
        ([p("a", "1", how="measured")], [], "figures.how_is_worked_out"),
        ([p("a", "1", bound="about")], [], "figures.bad_choice"),
        ([p("a", "1", rounded_to="trăm")], [], "figures.bad_number"),
        ([p("a", "1", rounded_to="0")], [], "figures.bad_number"),
        ([p("a", "1")], [r("x", "sum", "a", decimals="1.5")], "figures.bad_number"),
        ([p("a", "1")], [r("x", "sum", "a", decimals="999999999")], "figures.bad_number"),
        ([p("", "1")], [], "figures.empty_cell"),
        ([p("a", "1")], [r("x", "su", "a")], "figures.bad_choice"),
        ([p("a", "1")], [r("x", "share_pct", "a")], "figures.wrong_number"),
        ([p("a", "1")], [r("x", "sum", "b")], "figures.unknown_key"),
        ([p("a", "1")], [r("x", "sum", "y"), r("y", "sum", "x")], "figures.circle"),
        ([p("a", "1")], [r("x", "sum", "x")], "figures.circle"),
        ([p("a", "1")], [r("x", "count_of", table="t", where="a")], "figures.bad_condition"),
        ([p("a", "1")], [r("x", "count_of", table="t", where="kind == xã")], "figures.bad_condition"),
        ([p("a", "1")], [r("x", "count_of", table="t", where="kind = xã|=phường")], "figures.bad_condition"),
        ([p("a", "1")], [r("x", "count_of", table="t", where="n >== 3")], "figures.bad_condition"),
        ([p("a", "1")], [r("x", "sum_of", table="t")], "figures.empty_cell"),
        ([p("a", "1/2"), p("b", "1")], [r("a", "sum", "b")], "figures.not_comparable"),
        ([p("a", "1"), p("a", "2", as_of="2019-12-31")], [r("a", "count_of", table="t")], "figures.needs_day"),
    ],
)
def test_a_wrong_section_is_refused_with_file_and_row(printed, recipes, message):
    with pytest.raises(TableError) as caught:
        solve(printed, recipes)
    assert caught.value.message.id == message and ".csv:" in caught.value.where
    if message in ("figures.bad_condition", "figures.circle", "figures.twice", "figures.bad_day"):
        assert all(caught.value.message.fix(lang) for lang in ("vi", "en"))


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_number_is_written_as_it_was_read(units, decimals):
    text = written(Fraction(units, 10**decimals), decimals)
    amount, printed = read_amount(text)
    assert (written(amount.value, printed), printed) == (text, decimals)
    assert amount.value == Fraction(units, 10**decimals)


@settings(deadline=None)
@given(st.fractions(0, 10**6, max_denominator=10**6), st.integers(-3, 6))
def test_writing_rounds_to_the_nearest(value, decimals):
    assert abs(Fraction(written(value, decimals)) - value) <= Fraction(1, 2) / Fraction(10) ** decimals


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 999), st.data())
def test_the_true_plan_lies_in_the_interval_of_its_printed_share(done, plan, data):
    share = Fraction(done * 100, plan)
    figures = solve([p("done", str(done)), p("share", written(share, 1))], [r("plan", "plan_from_share", "done;share")])
    found = row(figures, "plan")
    slack = Fraction(1, 200)  # the ends are written with two decimals
    if found["value"] is not None and found["high"] is not None:
        assert Fraction(found["low"]) - slack <= plan <= Fraction(found["high"]) + slack


@settings(deadline=None)
@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order):
    printed = [p("a", "3"), p("b", "13"), p("c", "6"), p("s", "22")]
    figures = solve([printed[i] for i in order], [r("s", "sum", "c;a;b"), r("t", "difference", "s;a")])
    assert row(figures, "s")["how"] == "derived" and row(figures, "t")["value"] == "19"


def test_rows_of_one_table_are_looked_for_in_another():
    real = RunTable(pd.DataFrame({"ten": ["A", "C", None]}))
    tables = {"thon": RunTable(VILLAGES, how="constructed"), "that": real}
    recipes = [
        r("found", "found_in", "that.ten", table="thon", column="xa"),
        r("all", "count_of", table="thon"),
        r("wrong", "found_in", "that.khac", table="thon", column="xa"),
    ]
    figures = solve([], recipes, tables=tables)
    assert (row(figures, "found")["value"], row(figures, "found")["how"]) == ("2", "constructed")
    assert [issue.message.id for issue in figures.issues] == ["figures.no_column"]
    with pytest.raises(TableError):
        solve([], [r("found", "found_in", "that", table="thon", column="xa")])


def test_a_recipe_may_name_a_plain_number():
    figures = solve([p("million", "119500")], [r("billion", "ratio", "million; 1000", decimals="1")])
    assert row(figures, "billion")["value"] == "119.5" and row(figures, "billion")["as_of"] == "2020-12-31"


def test_what_is_no_figure_of_a_document_is_text():
    texts = ["9" * 5000, "1e999999999", "1.234.567", "nhiều", "1/0"]
    figures = solve([p(f"k{number}", text) for number, text in enumerate(texts)])
    assert list(figures.table["value"]) == texts and set(figures.table["how"]) == {"given"}
    assert count(RunTable(pd.DataFrame({"a": texts})), "sum_of", (), "a").unknown == 5


positive = st.fractions(Fraction(1, 100), 10**6, max_denominator=10**4)


@settings(deadline=None)
@given(st.sampled_from(sorted(WAYS)), positive, positive, st.integers(1, 4), st.integers(1, 4))
def test_true_values_never_leave_the_interval_that_their_rounding_allows(name, one, other, decimals, more):
    recipe = WAYS[name]
    printed = [read_amount(written(one, decimals))[0], read_amount(written(other, more))[0]]
    true, rounded = recipe.work([Amount.exact(one), Amount.exact(other)]), recipe.work(printed)
    if true.value is not None and rounded.low is not None and rounded.high is not None:
        assert rounded.low <= true.value <= rounded.high
    if rounded.value is not None and rounded.low is not None and rounded.high is not None:
        assert rounded.low <= rounded.value <= rounded.high
