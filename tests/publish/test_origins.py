"""What is behind a column: files of figures; of what was worked out, how, from which columns and which files."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from geontm.publish import Derivation
from geontm.publish.origins import how_told, layers_behind, origin_of
from geontm.publish.site.facts import inputs_of
from geontm.publish.theme import theme_of
from geontm.publish.web.columns import legend_of
from geontm.publish.words.overview import source_rows
from geontm.tables import Label
from publish_samples import sample_content

WEIGHED = Derivation(Label("Tổng có trọng số: a 50%.", "Weighted: a 50%."), inputs=("gap", "poor_household_pct"))
GAP = Derivation(Label("100% trừ nước sạch.", "100% less clean water."), inputs=("clean_water_pct",), yearly=True)
BORDER = Derivation(Label("Đo 200 m.", "Within 200 m."), ("bien-gioi.geojson", "xa.parquet"), measured=True)
DECIDED = Derivation(sources=("danh-sach.xlsx",), inputs=("is_border", "poor_household_pct"))


@pytest.fixture
def content():
    base = sample_content()
    lengths = pd.array([0, 0, None, 4, 5, 6], dtype="Float64")
    derived = {"priority_score": WEIGHED, "gap": GAP, "border_km": BORDER, "is_border": BORDER, "is_poor": DECIDED}
    return replace(base, wide=base.wide.assign(border_km=lengths), derived=derived)


def test_a_given_figure_is_not_worked_out(content):
    origin = origin_of(content, "clean_water_pct")
    assert (origin.how, origin.sources, origin.years) == (None, ("nuoc.xlsx",), (2025,))
    assert how_told(content, "clean_water_pct", "vi") == ""


def test_what_is_worked_out_names_the_files_behind_its_inputs(content):
    origin = origin_of(content, "priority_score")
    assert origin.sources == ("moi.xlsx", "nuoc.xlsx") and origin.how == WEIGHED.how
    assert origin.years == ()  # a rank is of the day of the project
    assert origin_of(content, "gap").years == (2025,)


def test_a_measure_names_its_layers_and_bounds_are_as_their_measure(content):
    assert origin_of(content, "border_km").sources == BORDER.sources and origin_of(content, "border_km").measured
    assert origin_of(content, "border_km_low") == origin_of(content, "border_km")


def test_a_verdict_rests_on_its_list_and_on_all_that_its_conditions_read(content):
    assert origin_of(content, "is_poor").sources == ("bien-gioi.geojson", "danh-sach.xlsx", "moi.xlsx", "xa.parquet")


def test_a_column_that_reads_itself_as_given_ends(content):
    own = replace(content, derived={"clean_water_pct": Derivation(inputs=("clean_water_pct", "b")),
                                    "b": Derivation(inputs=("clean_water_pct",), sources=("b.csv",))})  # fmt: skip
    assert origin_of(own, "clean_water_pct").sources == ("b.csv", "nuoc.xlsx")


def test_a_year_of_figures_is_told_by_its_own_rows(content):
    own = replace(content, derived={"poor_household_pct": WEIGHED, "gap": GAP})
    assert origin_of(own, "poor_household_pct", year=2024).sources == ("cu.xlsx",)


def test_legend_and_documents_say_it(content):
    style = content.styles["classification"]
    layer = next(each for each in style.layers if each.column == "border_km")
    theme = theme_of(content, style, layer)
    assert theme.method_lines("vi")[-1] == "Đo 200 m." and theme.method_lines("en")[-1] == "Within 200 m."
    assert legend_of(theme)["lines"][-1] == {"vi": "Đo 200 m.", "en": "Within 200 m."}
    told = how_told(content, "border_km", "vi")
    assert told == "Chiều dài đường biên giới: Đo 200 m. Đo từ: bien-gioi.geojson, xa.parquet."
    assert how_told(content, "priority_score", "en").endswith("Weighted: a 50%. Source: moi.xlsx, nuoc.xlsx.")


def test_layers_that_columns_were_measured_on_stand_among_the_sources(content):
    columns = tuple(name for name in ("border_km", "is_border") if name in content.wide)
    assert layers_behind(content) == {"bien-gioi.geojson": columns, "xa.parquet": columns}
    named = {row.file: row.indicators for row in inputs_of(content)}
    assert named["bien-gioi.geojson"] == len(columns) and "nuoc.xlsx" in named
    assert [row.file for row in source_rows(content)][-2:] == ["bien-gioi.geojson", "xa.parquet"]
