"""A whole result: every file, the same bytes each time, and no text from a file that could run."""

import hashlib
import re
import time
from html.parser import HTMLParser

import pandas as pd
import pytest

from geontm.errors import PublishError
from geontm.publish import notebook_html, write_run
from geontm.publish.products import Products
from geontm.publish.web.figure import refuse_network
from publish_samples import CODES, SCRIPT_NAME, sample_content

TABLES = (
    "communes.csv communes.parquet communes.xlsx indicators.csv verdicts.parquet scores.csv priority.csv provinces.csv"
)
FILES = {
    *TABLES.split(),
    *("issues.csv", "figures.csv", "result.gpkg", "index.html", "maps/classification.html", "maps/coverage.html"),
    *("thumbs/classification.png", "thumbs/coverage.png"),
}


def written(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def digests(folder):
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in written(folder)}


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("result")
    paths = write_run(sample_content(), folder, Products(maps=("classification", "coverage")))
    assert {path.relative_to(folder).as_posix() for path in paths} == written(folder)
    return folder


def test_every_file_is_there(result):
    assert written(result) == FILES


def test_one_province_also_gets_its_verdicts_as_csv(tmp_path):
    content = sample_content()
    mine = content.units["province_code"] == "01"
    write_run(sample_content(units=content.units[mine], wide=content.wide[mine]), tmp_path, Products(maps=()))
    assert "verdicts.csv" in written(tmp_path)


def test_the_same_run_gives_the_same_bytes_in_any_order_of_rows(result, tmp_path):
    content = sample_content()
    mixed = sample_content(
        units=content.units.iloc[::-1],
        wide=content.wide.sample(frac=1, random_state=1),
        indicators=content.indicators.sample(frac=1, random_state=2),
        verdicts=content.verdicts.iloc[::-1],
        scores=content.scores.iloc[::-1],
        priority=content.priority.iloc[::-1],
    )
    time.sleep(1.1)  # a clock in a file shows after a second
    write_run(mixed, tmp_path, Products(maps=("classification", "coverage")))
    again = digests(tmp_path)
    assert [name for name, digest in digests(result).items() if again[name] != digest] == []


def test_inputs_are_left_as_they_were(tmp_path):
    content, kept = sample_content(), sample_content()
    write_run(content, tmp_path, Products(maps=("classification",)))
    for name in ("units", "wide", "indicators", "verdicts", "scores", "priority", "figures"):
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(content, name)), pd.DataFrame(getattr(kept, name)))


def test_codes_are_text_and_gaps_empty(result):
    back = pd.read_csv(result / "communes.csv", dtype=str, keep_default_na=False)
    assert back["commune_code"].tolist() == CODES
    assert back["is_border"].tolist() == ["true", "false", "", "true", "false", "false"]
    marked = pd.read_csv(result / "indicators.csv")
    assert set(marked.loc[marked["illustrative"], "indicator"]) == {"poor_household_pct"}


def test_every_table_names_its_constructed_columns_row_by_row(result, tmp_path):
    communes = pd.read_csv(result / "communes.csv", dtype=str, keep_default_na=False)
    told = communes["poor_household_pct"].map(lambda text: "poor_household_pct" if text else "")
    assert communes["illustrative"].tolist() == told.tolist()  # a gap is not constructed
    assert set(told) == {"poor_household_pct", ""}
    provinces = pd.read_csv(result / "provinces.csv", dtype=str, keep_default_na=False)
    assert provinces["illustrative"].str.contains("poor_household_pct_known_count").all()
    assert not provinces["illustrative"].str.contains("clean_water").any()
    write_run(sample_content(illustrative=frozenset()), tmp_path, Products(maps=()))
    for name in ("communes.csv", "provinces.csv", "priority.csv"):
        assert "illustrative" not in pd.read_csv(tmp_path / name).columns


def test_verdicts_say_which_rule_sets_rest_on_constructed_figures(tmp_path):
    content = sample_content()
    rest = content.verdicts["ruleset"].unique()[0]
    scores = content.scores.assign(ruleset=rest, illustrative=pd.array([True] * len(content.scores), dtype="boolean"))
    real = content.verdicts.assign(ruleset="another")
    write_run(sample_content(scores=scores, verdicts=pd.concat([content.verdicts, real])), tmp_path, Products(maps=()))
    told = pd.read_parquet(tmp_path / "verdicts.parquet").groupby("ruleset")["illustrative"].agg(["all", "any"])
    assert told.loc[rest, "all"] and not told.loc["another", "any"]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", ["index.html", "maps/classification.html", "maps/coverage.html"])
def test_pages_load_nothing_and_hold_no_element_from_a_file(result, name):
    page = (result / name).read_text(encoding="utf-8")
    # The start page shows the pictures that lie beside it; everything else stands in the page.
    refuse_network(re.sub(r'<img src="thumbs/[a-z]+\.png"', "<img", page) if name == "index.html" else page)
    assert SCRIPT_NAME not in page
    tags = Tags()
    tags.feed(page)
    bad = ("iframe", "b", "i") if name == "index.html" else ("img", "iframe", "b", "i")
    assert not [tag for tag, attrs in tags.found if tag in bad or "onerror" in attrs]
    assert any("Content-Security-Policy" in str(attrs) for _, attrs in tags.found)


def test_a_map_without_figures_is_not_drawn_and_that_is_said(tmp_path):
    content = sample_content(priority=sample_content().priority.iloc[:0])
    write_run(content, tmp_path, Products(maps=("priority",)))
    assert not (tmp_path / "maps" / "priority.html").exists()
    assert "Thứ tự ưu tiên" in (tmp_path / "index.html").read_text(encoding="utf-8")
    issues = pd.read_csv(tmp_path / "issues.csv")
    assert "priority" in issues["value"].tolist()


def test_an_unknown_map_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(PublishError):
        write_run(sample_content(), tmp_path, Products(maps=("clasification",)))
    assert written(tmp_path) == set()


def test_english_tables(tmp_path):
    write_run(sample_content(lang="en"), tmp_path, Products(maps=("classification",)))
    assert '<html lang="en">' in (tmp_path / "maps" / "classification.html").read_text(encoding="utf-8")
    assert pd.read_csv(tmp_path / "issues.csv").loc[0, "reason"] == "A required cell of the column “x” is empty."


def test_a_notebook_cell_gets_a_frame_that_escapes_the_page():
    cell = notebook_html(sample_content())
    before, _, framed = cell.partition('<iframe srcdoc="')
    assert 'sandbox="' in framed
    assert "<script" not in before + framed and "&lt;" in framed
