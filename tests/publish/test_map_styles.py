"""Map styles are data: read into frozen values, mistakes named with file and line."""

import fnmatch

import pandas as pd
import pytest

from geontm.errors import ProjectError
from geontm.project.dictionary import read_dictionary
from geontm.project.styles import list_styles, palettes, parse_style, read_style, read_styles
from geontm.project.yaml_files import read_yaml
from geontm.publish.theme import theme_of
from geontm.publish.web.payload import legend_of
from publish_samples import sample_content


def test_shipped_styles_name_known_columns_only():
    known = set(read_dictionary("indicators").columns) | set(read_dictionary("communes").columns)
    later = {"is_mountainous"}
    for name, style in read_styles().items():
        named = {layer.column for layer in style.layers} - {"*"} | style.without | style.tables_only | set(style.labels)
        assert [pattern for pattern in sorted(named) if not fnmatch.filter(known | later, pattern)] == [], name


def test_reversed_ramps_run_the_other_way():
    rank = next(layer for layer in read_style("priority").layers if layer.column == "priority_rank")
    assert rank.palette == palettes()["YlOrRd"][::-1]


def test_unknown_map_names_the_known_ones():
    with pytest.raises(ProjectError) as refused:
        read_style("clasification")
    assert all(name in refused.value.text("vi") for name in list_styles())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("pallete: YlOrBr", "pallete"),
        ("palette: YlOrBu", "YlOrBr"),
        ("kind: chart", "kind"),
        ("kind: category", "categories"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, change, word):
    path = tmp_path / "mine.yaml"
    key = change.split(":")[0]
    lines = {"column": "column: population", "kind": "kind: choropleth", "palette": "palette: YlOrBr"} | {key: change}
    if change == "kind: category":  # neither categories nor colours for those that come
        del lines["palette"]
    path.write_text("title: {vi: A, en: B}\nlayers:\n  - " + "\n    ".join(lines.values()) + "\n", encoding="utf-8")
    with pytest.raises(ProjectError) as refused:
        parse_style("mine", read_yaml(path), palettes())
    assert word in refused.value.text("vi")
    assert "mine.yaml:" in refused.value.where


def test_categories_that_the_style_does_not_name_take_colours_in_their_order():
    style = read_style("programme")
    content = sample_content()
    years = pd.Series([2027, None, 2026, 2030, None, None], index=content.wide.index, dtype="Int64")
    content = sample_content(wide=content.wide.assign(**{style.layers[0].column: years}))
    found = legend_of(theme_of(content, style, style.layers[0]))
    assert [each["value"] for each in found["categories"]] == ["2026", "2027", "2030"]
    assert len({each["colour"] for each in found["categories"]}) == 3
    assert found["categories"][0]["colour"] == palettes()["YlGn"][-1]
    assert found["missing"]["vi"] == "ngoài chương trình hoặc chưa rõ"


def parsed(tmp_path, *lines):
    path = tmp_path / "mine.yaml"
    path.write_text("title: {vi: A, en: B}\nlayers:\n  - " + "\n    ".join(lines) + "\n", encoding="utf-8")
    return parse_style("mine", read_yaml(path), palettes()).layers[0]


def test_a_layer_by_the_law_around_a_middle_and_of_two_columns_can_be_told_apart(tmp_path):
    choropleth = ("column: population", "kind: choropleth", "palette: PuOr")
    plain, law = parsed(tmp_path, *choropleth), parsed(tmp_path, *choropleth, "method: law")
    around, number = parsed(tmp_path, *choropleth, "around: law"), parsed(tmp_path, *choropleth, "around: 12.5")
    two = parsed(
        tmp_path, "columns: [population, area_km2]", "kind: bivariate", "palette: RedBlue3x3", "breaks: [[1, 2], [3]]"
    )
    assert (around.around, number.around, two.columns) == ("law", 12.5, ("population", "area_km2"))
    assert two.cuts == ((1.0, 2.0), (3.0,))
    assert [each.by_law for each in (plain, law, around, number, two)] == [False, True, True, False, False]
    names = [each.name for each in (plain, law, around, number, two)]
    assert len(set(names)) == 5
    assert plain.name == "population"


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (("kind: bivariate", "column: population", "palette: RedBlue3x3"), "columns"),
        (("kind: bivariate", "columns: [population]", "palette: RedBlue3x3"), "columns"),
        (("kind: bivariate", "columns: [population, area_km2]", "palette: YlOrBr"), "palette"),
        (("kind: bivariate", "columns: [a, b]", "palette: RedBlue3x3", "breaks: [[2, 1], [3, 4]]"), "breaks"),
        (("kind: choropleth", "columns: [a, b]", "palette: YlOrBr"), "column"),
        (("kind: choropleth", "column: a", "palette: YlOrBr", "breaks: [[1], [2]]"), "breaks"),
        (("kind: choropleth", "column: a", "palette: YlOrBr", "around: law"), "around"),
        (("kind: choropleth", "column: a", "palette: PuOr", "around: law", "method: law"), "around"),
        (("kind: choropleth", "column: a", "palette: PuOr", "around: rule"), "around"),
        (("kind: choropleth", "column: a", "palette: PuOr", "method: jenks"), "method"),
    ],
)
def test_what_a_kind_cannot_have_is_named(tmp_path, lines, word):
    with pytest.raises(ProjectError) as refused:
        parsed(tmp_path, *lines)
    assert word in refused.value.text("vi")
    assert "mine.yaml:" in refused.value.where


def test_two_sided_ramps_and_squares_have_their_colours():
    ramps = palettes()
    assert {len(ramps[name]) % 2 for name in ("PuOr", "BrBG", "RdBu")} == {0}
    assert len(set(ramps["RedBlue3x3"])) == 9
