"""A layer worked out: values, classes, colours, words and counts are right for every kind of column and layer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.project.styles import palettes
from geontm.publish.content import Threshold
from geontm.publish.styles import Category, LayerStyle, MapStyle
from geontm.publish.theme import theme_of
from geontm.publish.themed import numbers_of, origin_of, sources_by_year, ten_digits
from geontm.publish.years import series_of
from geontm.tables import Column, Label
from publish_samples import CODES, sample_content

RAMP = palettes()["YlOrRd"]
MAP = MapStyle("mine", Label("Bản đồ", "Map"), ())
LAW = Label("Xã khu vực III", "Region III")
PLACE = Label("Điều 3, 33/2020/QĐ-TTg", "Article 3, 33/2020/QĐ-TTg")


def content_with(values, name="poor_household_pct", dtype="Float64", **changes):
    content = sample_content()
    wide = content.wide.assign(**{name: pd.array(values, dtype=dtype)})
    return replace(content, wide=wide, **{"indicators": content.indicators.iloc[:0], **changes})


def worked_out(values, name="poor_household_pct", dtype="Float64", *, content=None, **layer):
    style = LayerStyle(name, "choropleth", **{"palette": RAMP, **layer})
    return theme_of(content or content_with(values, name, dtype), MAP, style)


def shown(theme):
    return theme.values.to_dict()  # noqa: PD011 (the field of a theme)


def limit(value, sign="at_least", **about):
    return Threshold(value, sign, LAW, PLACE, **about)


class TestEveryColumn:
    def test_booleans_are_yes_and_no_whatever_the_style_says(self):
        theme = worked_out([True, False, None, True, False, False], "is_border", "boolean")
        assert theme.class_labels("vi") == ["Có", "Không"]
        assert (theme.counts, theme.unknown) == ([2, 3], 1)

    def test_words_are_called_as_the_dictionary_calls_them(self):
        choices = {"a": Label("Loại A", "Kind A"), "b": Label("Loại B", "Kind B")}
        column = Column("grade", "category", Label("Loại", "Kind"), choices=choices)
        content = content_with(["b", "a", None, "c", "b", "b"], "grade", "str")
        content = replace(content, dictionary={**content.dictionary, "grade": column})
        theme = theme_of(content, MAP, LayerStyle("grade", "category", RAMP))
        assert theme.class_labels("en") == ["Kind A", "Kind B", "c"]
        assert (theme.counts, theme.unknown) == ([1, 3, 1], 1)
        assert theme.colours == (RAMP[0], RAMP[2], RAMP[4])

    def test_numbers_as_categories_come_in_their_order(self):
        theme = theme_of(
            content_with([10, 9, 2, None, 9, 2], "development_region", "Int64"),
            MAP,
            LayerStyle("development_region", "category", RAMP, categories=(Category("9", "#123456", LAW),)),
        )
        assert [each.value for each in theme.categories] == ["9", "2", "10"]
        assert theme.counts == [2, 2, 1]

    def test_whole_numbers_are_named_by_whole_numbers(self):
        theme = worked_out([1, 2, 3, 50, 51, None], "population", "Int64", around=3, palette=RAMP[:4])
        assert theme.breaks == (2.0, 3.0, 30.0)
        assert theme.class_labels("vi") == ["đến 1", "2", "3 – 29", "từ 30"]

    def test_shares_are_percent(self):
        theme = worked_out([0.1, 0.125, 0.5, 0.75, None, 1.0], "above_200m_share")
        assert (theme.unit, shown(theme)[CODES[1]]) == ("%", 12.5)
        assert sum(theme.counts) == 5

    def test_years_of_shares_are_percent_too(self):
        rows = pd.DataFrame(
            {
                "commune_code": [CODES[0], CODES[0]],
                "indicator": "above_200m_share",
                "year": pd.array([2024, 2025], dtype="Int64"),
                "value": [0.25, 0.5],
                "source_file": "a.csv",
                "how": "given",
            }
        )
        content = content_with([0.5, None, None, None, None, None], "above_200m_share", indicators=rows)
        assert series_of(content, "above_200m_share").loc[CODES[0]].tolist() == [25.0, 50.0]


def test_a_verdict_names_its_documents_on_every_face():
    content = sample_content()
    listed = content.verdicts.assign(test="border", article="60/QĐ-UBND")  # the answers of the set itself
    note = replace(content.rulesets[0], columns=("is_border",))
    content = replace(content, verdicts=listed, rulesets=(note,))
    style = content.styles["classification"]
    border = next(layer for layer in style.layers if layer.column == "is_border")
    theme = theme_of(content, style, border)
    assert theme.basis == ("34/2014/NĐ-CP", "60/QĐ-UBND")
    assert theme.method_lines("vi") == ["Căn cứ: 34/2014/NĐ-CP; 60/QĐ-UBND."]
    poor = next(each for each in content.styles["coverage"].layers if each.column == "poor_household_pct")
    assert theme_of(content, style, poor).basis == ()  # no rule set fills it
    computed = replace(content, verdicts=listed.assign(article="Khoản 1 Điều 3, 34/2014/NĐ-CP"))
    assert theme_of(computed, style, border).basis == ("Khoản 1 Điều 3, 34/2014/NĐ-CP",)


class TestFewValues:
    def test_all_missing(self):
        theme = worked_out([None] * 6)
        assert (theme.counts, theme.unknown, theme.class_labels("vi"), theme.method_lines("vi")) == ([], 6, [], [])

    @pytest.mark.parametrize("method", ["fisher_jenks", "quantiles", "equal", "pretty", "law"])
    def test_one_value(self, method):
        theme = worked_out([7.5, None, 7.5, 7.5, None, 7.5], method=method)
        assert (theme.counts, theme.unknown, theme.class_labels("vi")) == ([4], 2, ["7,5"])

    @pytest.mark.parametrize("method", ["fisher_jenks", "quantiles", "equal", "pretty"])
    def test_two_values_are_two_classes(self, method):
        theme = worked_out([1.0, 1.0, 9.0, None, 9.0, 9.0], method=method)
        assert [n for n in theme.counts if n] == [2, 3]
        assert (theme.colours[0], theme.colours[-1]) == (RAMP[0], RAMP[-1])


class TestTheLaw:
    def test_bounds_are_the_limits_each_with_its_article(self):
        content = content_with(
            [10.0, 15.0, 19.9, 20.0, 30.0, None],
            thresholds={
                "poor_household_pct": (
                    limit(15.0, groups=(Label("Đồng bằng", "Delta"),)),
                    limit(20.0, groups=(Label("vùng khác", "others"),), verified=False),
                )
            },
        )
        theme = worked_out(None, content=content, method="law")
        assert theme.breaks == (15.0, 20.0)
        assert (theme.counts, theme.unknown) == ([1, 2, 2], 1)
        lines = theme.method_lines("vi")
        assert "≥\u00a015: Xã khu vực III (Đồng bằng) – Điều 3, 33/2020/QĐ-TTg" in lines
        assert "≥\u00a020: Xã khu vực III (vùng khác) – Điều 3, 33/2020/QĐ-TTg (chưa đối chiếu văn bản)" in lines
        assert "so với mức quy định" in theme.label.vi

    def test_at_most_leaves_the_limit_in_the_lower_class(self):
        content = content_with(
            [19.0, 20.0, 20.0, 20.1, None, 5.0], thresholds={"poor_household_pct": (limit(20.0, "at_most"),)}
        )
        theme = worked_out(None, content=content, method="law")
        assert (theme.below, theme.counts) == ((True,), [4, 1])
        assert theme.class_labels("vi") == ["đến 20", "trên 20"]

    def test_both_sides_of_one_limit_leave_it_alone(self):
        content = content_with(
            [19.0, 20.0, 20.0, 20.1, None, 5.0],
            thresholds={"poor_household_pct": (limit(20.0, "at_most"), limit(20.0, "at_least"))},
        )
        theme = worked_out(None, content=content, method="law")
        assert theme.class_labels("vi") == ["dưới 20", "đúng 20", "trên 20"]
        assert theme.counts == [2, 2, 1]

    def test_two_thirds_of_the_area_count(self):
        content = content_with(
            [2 / 3, 0.6666, 0.67, 2 / 3, None, 0.0],
            "above_200m_share",
            thresholds={"above_200m_share": (limit(2 / 3),)},
        )
        theme = worked_out(None, "above_200m_share", content=content, method="law")
        assert theme.counts == [2, 3]
        assert theme.class_labels("vi") == ["dưới 66,67", "từ 66,67"]

    def test_more_limits_than_colours_mix_the_ramp(self):
        limits = tuple(limit(float(k)) for k in range(10, 80, 10))
        theme = worked_out(
            None,
            content=content_with([1.0, 15.0, 79.0, 35.0, 40.0, None], thresholds={"poor_household_pct": limits}),
            method="law",
        )
        assert len(set(theme.colours)) == len(theme.colours) == 8
        assert (theme.colours[0], theme.colours[-1]) == (RAMP[0], RAMP[-1])

    def test_without_limits_the_legend_says_so(self):
        theme = worked_out([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], method="law")
        assert theme.method == "fisher_jenks"
        assert "Dự án không có bộ tiêu chí nào đặt mức cho chỉ tiêu này." in theme.method_lines("vi")


class TestAroundAMiddle:
    def test_two_sides_meet_at_the_middle(self):
        theme = worked_out([5.0, 10.0, 20.0, 21.0, 40.0, None], around=20, palette=palettes()["PuOr"])
        assert theme.breaks[theme.middle] == 20.0
        # Few poor households are good: orange, the half of the values to be looked at, is above.
        puor = palettes()["PuOr"]
        assert set(theme.colours[: theme.middle + 1]) <= set(puor[3:])
        assert set(theme.colours[theme.middle + 1 :]) <= set(puor[:3])
        assert (theme.colours[0], theme.colours[-1]) == (puor[-1], puor[0])
        assert "20" in theme.method_lines("vi")[0]

    def test_where_high_is_better_the_low_side_is_to_be_looked_at(self):
        theme = worked_out([5.0, 95.0, 20.0, 60.0, 40.0, None], "clean_water_pct", around=50, palette=RAMP[:4])
        assert (theme.colours[0], theme.colours[-1]) == (RAMP[0], RAMP[3])

    def test_a_side_without_units_is_still_in_the_legend(self):
        theme = worked_out([1.0, 2.0, 3.0, 4.0, None, 4.0], around=20, palette=palettes()["PuOr"])
        assert theme.class_labels("vi")[-1] == "từ 20"
        assert theme.counts[-1] == 0

    def test_the_law_gives_the_middle_with_its_side(self):
        content = content_with(
            [5.0, 20.0, 20.1, 40.0, None, 10.0],
            thresholds={"poor_household_pct": (limit(5.0, verified=False), limit(20.0, "at_most"))},
        )
        theme = worked_out(None, content=content, around="law", palette=palettes()["BrBG"])
        assert (theme.breaks[theme.middle], theme.below[theme.middle]) == (20.0, True)
        assert sum(theme.counts[: theme.middle + 1]) == 3


class TestTwoColumns:
    LAYER = LayerStyle(
        "poor_household_pct", "bivariate", palettes()["RedBlue3x3"], against="clean_water_pct",
        cuts=((10.0, 30.0), (50.0, 80.0)),
    )  # fmt: skip

    def content(self):
        content = content_with([5.0, 20.0, None, 33.3, 20.0, 41.5])
        return replace(
            content, wide=content.wide.assign(clean_water_pct=pd.array([90, 80, 70, None, 60, 30], dtype="Float64"))
        )

    def test_nine_cells_from_good_to_bad(self):
        theme = theme_of(self.content(), MAP, self.LAYER)
        assert theme.unknown == 2
        # Place on poverty, place on water (which runs from high to low).
        assert [shown(theme)[CODES[k]] for k in (0, 1, 4, 5)] == ["0-0", "1-0", "1-1", "2-2"]
        assert theme.counts == [1, 1, 0, 0, 1, 0, 0, 0, 1]
        assert theme.colours == palettes()["RedBlue3x3"]
        assert [name.vi for name in theme.axes[1].names] == ["từ 80", "50 – dưới 80", "dưới 50"]
        assert theme.class_labels("vi")[8] == "Tỷ lệ hộ nghèo từ 30%; Tỷ lệ hộ dùng nước sạch đạt quy chuẩn dưới 50%"

    def test_thirds_hold_about_equally_many(self):
        theme = theme_of(self.content(), MAP, replace(self.LAYER, cuts=()))
        assert theme.method == "thirds"
        assert [len(axis.names) for axis in theme.axes] == [3, 3]
        assert sum(theme.counts) + theme.unknown == 6

    def test_few_values_make_a_smaller_square_of_its_corners(self):
        content = self.content()
        content = replace(
            content, wide=content.wide.assign(poor_household_pct=pd.array([1.0, 1, 1, 1, 9, 9], dtype="Float64"))
        )
        theme = theme_of(content, MAP, replace(self.LAYER, cuts=()))
        assert len(theme.axes[0].names) == 2
        assert theme.colours[:2] == (palettes()["RedBlue3x3"][0], palettes()["RedBlue3x3"][2])
        assert len(theme.colours) == len(theme.counts) == len(theme.class_labels("vi")) == 6


class TestYears:
    def test_bounds_are_common_to_all_years_and_counts_are_of_one(self):
        rows = pd.DataFrame(
            {
                "commune_code": [*CODES, *CODES[:5]],
                "indicator": "poor_household_pct",
                "year": pd.array([2024] * 6 + [2025] * 5, dtype="Int64"),
                "value": [50.0, 40, 30, 20, 10, 5, 25, 20, 15, 10, 5],
                "source_file": ["cu.csv"] * 6 + ["moi.csv"] * 5,
                "how": "given",
            }
        )
        content = content_with([26.0, 21, 16, 11, 6, 5], indicators=rows)  # the newest are in neither year
        layer = LayerStyle("poor_household_pct", "choropleth", RAMP)
        themes = {year: theme_of(content, MAP, layer, year=year) for year in (None, 2024, 2025)}
        assert len({theme.breaks for theme in themes.values()}) == 1
        assert themes[None].years == (2024, 2025)
        assert (themes[2024].unknown, themes[2025].unknown, themes[None].unknown) == (0, 1, 0)
        assert themes[2024].counts[-1] > 0 == themes[2025].counts[-1]
        assert themes[2024].origin.sources == ("cu.csv",)
        assert "Cận lớp chung cho các năm 2024–2025." in themes[2025].method_lines("vi")

    def test_years_after_the_day_are_not_shown(self):
        assert series_of(sample_content(), "poor_household_pct").columns.tolist() == [2024, 2025]
        assert series_of(sample_content(), "clean_water_pct") is None


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.none() | st.floats(0, 100).map(lambda v: round(v, 2)), min_size=6, max_size=6),
    st.sampled_from(["fisher_jenks", "quantiles", "equal", "pretty", "law"]),
    st.randoms(),
)
def test_a_theme_does_not_depend_on_the_order_of_rows(values, method, random):
    content = content_with(values, thresholds={"poor_household_pct": (limit(20.0), limit(50.0, "at_most"))})
    order = random.sample(range(6), 6)
    shuffled = replace(content, units=content.units.iloc[order], wide=content.wide.iloc[order[::-1]])
    one, other = (worked_out(None, content=each, method=method) for each in (content, shuffled))
    assert one.breaks == other.breaks
    assert one.colours == other.colours
    assert list(shown(one)) == CODES
    assert np.array_equal(one.classes, other.classes)
    assert sum(one.counts) + one.unknown == 6
    assert len(one.class_labels("vi")) == len(one.class_labels("en")) == len(one.colours)


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(10**12), 10**12))))
@settings(deadline=None)
def test_numbers_are_rounded_to_ten_digits_each_by_itself(values):
    found = numbers_of(pd.Series(values, dtype="Float64"))
    assert [None if x != x else x for x in found] == [None if v is None else ten_digits(float(v)) for v in values]


def test_the_files_of_every_year_are_those_that_one_year_gives():
    content = sample_content()
    for name in content.figures_by_name:
        found = sources_by_year(content, name)
        assert found == {year: origin_of(content, name, year=year).sources for year in found}
    assert any(sources_by_year(content, name) for name in content.figures_by_name)


class TestZeroApart:
    """Nothing at all is a class of its own where a style says so: no border is not a short border."""

    LENGTHS = (0.0, 0.0, 0.4, 3.0, 25.0, None)

    def theme(self, lengths, **changes):
        content = sample_content()
        kilometres = pd.array(lengths, dtype="Float64")
        content = sample_content(wide=content.wide.assign(border_km=kilometres))
        style = content.styles["classification"]
        layer = next(each for each in style.layers if each.column == "border_km")
        return theme_of(content, style, replace(layer, **changes))

    def test_no_border_is_not_a_short_border(self):
        theme = self.theme(self.LENGTHS)
        assert theme.classes.tolist() == [0, 0, 1, 2, 3, -1]
        assert theme.class_labels("vi")[:2] == ["không giáp biên giới", "trên 0 – dưới 2"]
        assert theme.class_labels("en")[0] == "not on the border"
        assert theme.colours[0] == "#f7f1df" and len(set(theme.colours)) == 4 == len(theme.counts)
        assert "Giá trị 0 là một lớp riêng: không giáp biên giới." in theme.method_lines("vi")

    def test_where_all_are_alike_there_is_nothing_to_set_apart(self):
        assert self.theme([0.0] * 6).class_labels("vi") == ["không giáp biên giới"]
        none = self.theme([5.0, 0.4, 3.0, 25.0, 7.0, 8.0])
        assert none.first is None and "không giáp biên giới" not in none.class_labels("vi")

    def test_every_way_to_find_classes_keeps_it(self):
        for method in ("quantiles", "equal", "pretty"):
            theme = self.theme(self.LENGTHS, method=method)
            assert theme.classes[:2].tolist() == [0, 0] and theme.classes[2] > 0
