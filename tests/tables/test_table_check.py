"""What the column dictionary finds wrong with a table, cell by cell, in the planner's words."""

import geopandas as gpd
import pandas as pd
import pytest

from geontm.errors import CRSError, TableError
from geontm.tables import Column, Issue, Label, Table, issues_frame, require_metric_crs, worst
from geontm.tables.columns import spelling_key

NAME = Label("Tên", "Name")
SHARES = Table(
    "shares",
    ("commune_code", "year"),
    {
        "commune_code": Column("commune_code", "text", Label("Mã xã", "Code"), pattern="[0-9]{5}", required=True),
        "year": Column("year", "integer", Label("Năm", "Year")),
        "poor_pct": Column(
            "poor_pct", "number", Label("Hộ nghèo", "Poor"), unit="%", minimum=0, maximum=100, aliases=("hn_pct",)
        ),
        "region": Column("region", "category", Label("Vùng", "Region"), choices={"delta": NAME, "hills": NAME}),
    },
)


def table(**columns):
    return pd.DataFrame({"commune_code": ["01273", "01324"], "year": [2024, 2024], **columns}, index=[5, 6])


def found(**columns):
    return [(i.message.id, i.row, i.column) for i in SHARES.failures(table(**columns), file="a.xlsx")]


def test_a_sound_table_comes_back_typed_with_its_gaps_and_strange_columns():
    given = table(poor_pct=[12, None], region=["delta", None], note=["a", "b"])
    checked = SHARES.check(given)
    types = {"commune_code": "str", "year": "Int64", "poor_pct": "Float64", "region": "str", "note": "str"}
    assert checked.dtypes.astype(str).to_dict() == types
    assert checked.isna().sum().to_dict() == {"commune_code": 0, "year": 0, "poor_pct": 1, "region": 1, "note": 0}
    assert given["year"].dtype == "int64"


@pytest.mark.parametrize(
    ("columns", "message", "row", "column"),
    [
        ({"poor_pct": [12, 100.5]}, "tables.out_of_range", "6", "poor_pct"),
        ({"poor_pct": [-1, 100]}, "tables.out_of_range", "5", "poor_pct"),
        ({"region": ["delta", "sea"]}, "tables.bad_choice", "6", "region"),
        ({"commune_code": ["1273", "01324"]}, "tables.bad_pattern", "5", "commune_code"),
        ({"commune_code": ["01273", None]}, "tables.empty_cell", "6", "commune_code"),
        ({"poor_pct": ["many", "12"]}, "tables.bad_type", "5", "poor_pct"),
    ],
)
def test_a_broken_cell_is_named_with_its_row_and_its_column(columns, message, row, column):
    assert found(**columns) == [(message, row, column)]


def test_a_missing_column_and_a_key_given_twice_are_named():
    missing = SHARES.failures(table().drop(columns="commune_code"))
    assert [(i.message.id, i.column) for i in missing] == [("tables.column_missing", "commune_code")]
    twice = SHARES.failures(table(commune_code=["01273"] * 2))
    assert [(i.message.id, i.row, i.value) for i in twice] == [("tables.duplicate_key", row, "01273") for row in "56"]
    without_year = table(commune_code=["01273"] * 2).drop(columns="year")
    assert {i.message.id for i in SHARES.failures(without_year)} == {"tables.duplicate_key"}
    assert SHARES.failures(table(commune_code=["01273"] * 2, year=[2024, 2025])) == []


def test_the_error_holds_every_broken_cell_and_speaks_both_languages():
    with pytest.raises(TableError) as refused:
        SHARES.check(table(poor_pct=[-1, 101], region=["sea", "delta"]), file="a.xlsx", sheet="Biểu 1")
    assert len(refused.value.issues) == 3
    assert refused.value.where == "a.xlsx / Biểu 1"
    assert refused.value.text("vi").startswith("3 ô của bảng không hợp lệ")
    assert refused.value.text("en").startswith("3 cells of the table are wrong")


def test_a_range_is_told_with_its_unit_and_without_a_stray_space():
    (percent,) = SHARES.failures(table(poor_pct=[1, 101]))
    assert percent.message.text("vi") == "Giá trị của cột «Hộ nghèo» nằm ngoài khoảng 0 – 100 %."
    assert percent.message.text("en") == "The value of “Poor” is outside 0 – 100 %."
    bare = Table("bare", (), {"n": Column("n", "integer", NAME, maximum=3)})
    (number,) = bare.failures(pd.DataFrame({"n": [4]}))
    assert number.message.text("en").endswith("… – 3.")


def test_a_header_is_found_by_any_spelling_and_never_guessed():
    for header in ("poor_pct", "Hộ nghèo", "HỘ  NGHÈO", "Ho\u0323\u0302 nghe\u0300o", "Poor", "HN-pct"):
        assert SHARES.find(header) == "poor_pct"
    assert SHARES.find("Ho ngheo") is None
    assert spelling_key("Tỷ lệ (%)") != spelling_key("Tỷ lệ")


def test_layers_to_be_measured_need_one_system_in_metres():
    def layer(crs):
        return gpd.GeoSeries([], crs=crs)

    require_metric_crs(communes=layer(9211), roads=layer(9211))
    for layers, why in (
        ({"communes": layer(None)}, "tables.crs_missing"),
        ({"communes": layer(4326)}, "tables.crs_not_metric"),
        ({"communes": layer(2263)}, "tables.crs_not_metric"),  # feet
        ({"communes": layer(9211), "roads": layer(32648)}, "tables.crs_differ"),
    ):
        with pytest.raises(CRSError) as refused:
            require_metric_crs(**layers)
        assert refused.value.message.id == why


def test_the_gravest_issues_come_first_and_each_in_the_order_found():
    issues = [
        Issue.of("info", "sheets.note_row", row=9),
        Issue.of("error", "tables.empty_cell", row=7, name="n"),
        Issue.of("warning", "layers.overlap", area=12345.6, first="A", second="B", keeper="A"),
        Issue.of("error", "tables.empty_cell", row=3, name="n"),
    ]
    assert issues_frame(issues)["row"].tolist() == ["7", "3", "", "9"]
    assert "12.346 m²" in issues_frame(issues, "vi").loc[2, "reason"]
    assert "12,346 m²" in issues_frame(issues, "en").loc[2, "reason"]
    assert (worst(issues), worst(issues[2:3]), worst([])) == ("error", "warning", None)
    assert issues_frame([]).empty and list(issues_frame([]).columns) == list(issues_frame(issues).columns)
