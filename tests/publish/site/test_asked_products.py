"""What a project asks for and cannot have is told; nothing is left out in silence."""

import pandas as pd
import pytest

from geontm.publish import Products, write_parts
from publish_samples import sample_content


def told(folder, content=None, **products):
    write_parts(content or sample_content(), folder, Products(**products), parts=())
    return pd.read_csv(folder / "issues.csv", keep_default_na=False)


def without_figures():
    content = sample_content()
    return sample_content(wide=content.wide[["population"]].mask(content.wide["population"].notna()))


def test_an_atlas_by_district_needs_districts(tmp_path):
    reasons = told(tmp_path, atlas="district").query("column == 'atlas'")
    assert reasons["severity"].tolist() == ["warning"]
    assert "không có cấp huyện" in reasons["reason"].iloc[0] and "commune" in reasons["suggestion"].iloc[0]


def test_an_atlas_by_district_is_drawn_where_there_are_districts(tmp_path):
    content = sample_content()
    units = content.units.assign(district_code="001", district_name="Huyện Một", province_code="01")
    asked = Products(atlas="district", site=False)
    write_parts(sample_content(units=units), tmp_path, asked, parts=("maps",))
    assert (tmp_path / "print" / "atlas.pdf").is_file()
    assert "atlas" not in pd.read_csv(tmp_path / "issues.csv")["column"].tolist()


def test_sheets_need_a_map_with_figures(tmp_path):
    issues = told(tmp_path, without_figures(), maps=("priority",), print=("A4",))
    assert issues.query("column == 'print'")["severity"].tolist() == ["warning"]
    assert issues["value"].tolist().count("priority") == 1, "the map itself is told too"


def test_sheets_need_an_outline(tmp_path):
    content = sample_content()
    units = content.units.set_geometry(content.units.geometry.where(content.units.index == ""))
    reasons = told(tmp_path, sample_content(units=units), maps=("coverage",), print=("A4",)).query("column == 'print'")
    assert reasons["reason"].str.contains("không đơn vị nào có hình").tolist() == [True]


@pytest.mark.parametrize(("lang", "name"), [("vi", "Thứ tự ưu tiên"), ("en", "Priority")])
def test_a_map_without_figures_is_named_in_the_language_of_the_tables(tmp_path, lang, name):
    content = sample_content(lang=lang, priority=sample_content().priority[[]])
    issues = told(tmp_path, content, maps=("priority",))
    assert issues.query("value == 'priority'")["reason"].str.contains(name).all()
    assert len(issues.query("value == 'priority'")) == 1


def test_what_can_be_made_is_not_told(tmp_path):
    issues = told(tmp_path, maps=("classification",), print=("A4",), atlas="commune", site=False)
    assert not issues["column"].isin(["print", "atlas"]).any()


def test_no_thumbnails_where_no_gallery_is_asked_for(tmp_path):
    write_parts(sample_content(), tmp_path, Products(maps=("classification",), site=False), parts=("maps",))
    assert not (tmp_path / "thumbs").exists()
    assert (tmp_path / "maps" / "classification.html").is_file()
