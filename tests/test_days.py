"""A case runs on the units of its own day: names of then match, and layers and facts of another day are refused."""

from __future__ import annotations

import pytest

import geontm
from geontm.errors import VintageError

PROJECT = """name: Thử ngày
as_of: {day}
boundaries: {{source: "schematic:communes-{layer}-cases", provinces: ["{province}"]}}
{more}standards: []
"""
TABLE = """Tên xã,Huyện,Tỷ lệ hộ nghèo (%)
Xã Kéo Yên,Hà Quảng,"61,5"
Xã Hồng Sỹ,Hà Quảng,58
Hùng Quốc,Trà Lĩnh,"12,5"
xã Triệu Ẩu,Phục Hòa,33
"""
INDICATORS = """indicators:
  - {file: so-lieu.csv, date: 2018-12-31, key: {name: "Tên xã", district: "Huyện", within: district}}
"""


def run(folder, *, day, layer, province, more="", table=""):
    (folder / "project.yaml").write_text(
        PROJECT.format(day=day, layer=layer, province=province, more=more), encoding="utf-8"
    )
    if table:
        (folder / "so-lieu.csv").write_text(table, encoding="utf-8")
    return geontm.run(geontm.read_project(folder / "project.yaml"))


def facts(name):
    return f'border_facts: "shipped:{name}"\n'


@pytest.mark.parametrize(
    ("day", "layer", "province", "name", "units", "border"),
    [
        ("2016-12-31", "2017", "22", "border-2018", 186, 16),
        ("2018-12-31", "2018", "02", "border-2018", 195, 34),
        ("2018-10-21", "2018", "04", "border-2018", 199, 46),
        ("2020-12-01", "2020", "04", "border-2020", 161, 40),
        ("2024-01-01", "2023", "20", "border-2020", 200, 21),
    ],
)
def test_a_case_finds_its_units_and_its_border(tmp_path, day, layer, province, name, units, border):
    plan = run(tmp_path, day=day, layer=layer, province=province, more=facts(name))
    assert len(plan.communes) == units and plan.communes["is_border"].sum() == border
    assert plan.communes["is_border"].notna().all() and plan.communes["district_name"].notna().all()
    figures = plan.content.figures.set_index("key")
    assert figures.loc["is_border", ["value", "how"]].tolist() == [border, "measured"]
    assert not [issue for issue in plan.issues if issue.severity == "error"]
    told = [issue for issue in plan.issues if issue.message.id == "days.pieces_drawn"]
    pieces = int((plan.communes["drawn"] == "piece").sum())
    assert len(told) == (pieces > 0) and all(f"{pieces} " in issue.message.text("vi") for issue in told)


@pytest.mark.parametrize(
    ("day", "layer", "province", "more", "told"),
    [
        ("2020-12-01", "2018", "04", "", "days.units_changed"),
        ("2018-12-31", "2020", "04", "", "days.units_changed"),
        ("2024-12-31", "2023", "20", "", "days.units_changed"),
        ("2020-02-15", "2020", "04", "", "days.units_changed"),
        ("2018-12-31", "2018", "04", facts("border-2020"), "days.facts_of_another_time"),
        ("2018-12-31", "2018", "04", facts("border-2025"), "days.facts_of_another_time"),
        ("2025-06-30", "2024", "20", facts("border-2020"), "days.facts_of_another_time"),
        ("2025-07-01", "2023", "20", "", "join.project_era"),
    ],
)
def test_another_day_is_refused_and_says_what_to_do(tmp_path, day, layer, province, more, told):
    with pytest.raises(VintageError) as refused:
        run(tmp_path, day=day, layer=layer, province=province, more=more)
    assert refused.value.message.id == told and refused.value.fix


def test_a_remedy_names_only_layers_of_that_day(tmp_path):
    with pytest.raises(VintageError) as refused:
        run(tmp_path, day="2018-12-31", layer="2020", province="20")
    assert "communes-2018-cases" in refused.value.fix and "communes-2023-cases" not in refused.value.fix


def test_a_layer_that_only_swallowed_units_since_is_refused_too(tmp_path):
    # In Hoàng Su Phì nothing but Bản Péo's going into Nậm Dịch tells the days apart: name and code stayed.
    with pytest.raises(VintageError) as refused:
        run(tmp_path, day="2019-12-31", layer="2020", province="02")
    assert "Bản Péo" in refused.value.text("vi")


@pytest.mark.parametrize(("day", "layer"), [("2023-12-31", "2024"), ("2021-06-30", "2024"), ("2024-12-15", "2024")])
def test_where_nothing_changed_between_two_days_they_are_one(tmp_path, day, layer):
    assert len(run(tmp_path, day=day, layer=layer, province="04").communes) == 161


def test_facts_that_do_not_cover_a_province_are_refused(tmp_path):
    (tmp_path / "project.yaml").write_text(
        "name: Thử\nas_of: 2018-12-31\nboundaries: {source: xa.geojson, date: 2018-12-31}\n"
        'border_facts: "shipped:border-2018"\nstandards: []\n',
        encoding="utf-8",
    )
    (tmp_path / "xa.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"ma_xa": "03127", "ten_xa": '
        '"Phường Him Lam", "ma_tinh": "11", "ten_tinh": "Tỉnh Điện Biên"}, "geometry": {"type": "Polygon", '
        '"coordinates": [[[103.0, 21.3], [103.1, 21.3], [103.1, 21.4], [103.0, 21.4], [103.0, 21.3]]]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(VintageError) as refused:
        geontm.run(geontm.read_project(tmp_path / "project.yaml"))
    assert refused.value.message.id == "days.facts_of_other_provinces"
    assert "11" in refused.value.text("vi") and "02, 04, 20, 22" in refused.value.text("vi")


def test_names_of_2018_find_the_units_of_2018(tmp_path):
    plan = run(tmp_path, day="2018-12-31", layer="2018", province="04", more=INDICATORS, table=TABLE)
    poor = plan.communes["poor_household_pct"].dropna()
    assert poor.to_dict() == {"01396": 61.5, "01447": 12.5, "01630": 33}
    # Hồng Sỹ is the name since 2020; the commune was Hồng Sĩ then, and no name is guessed.
    assert "Xã Hồng Sỹ" in {issue.value for issue in plan.issues if issue.severity == "error"}


def test_names_of_2018_are_told_on_units_of_2020(tmp_path):
    plan = run(tmp_path, day="2020-12-01", layer="2020", province="04", more=INDICATORS, table=TABLE)
    assert "Xã Kéo Yên" in {issue.value for issue in plan.issues}
    assert not {"01393", "01396"} & set(plan.communes["poor_household_pct"].dropna().index), "no name was guessed"
