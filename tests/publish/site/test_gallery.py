"""The start page: what stands in the folder, nothing that runs or loads, both languages."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from geontm.publish import Products
from geontm.publish.site.facts import facts_of, findings_of, inputs_of
from geontm.publish.site.gallery import write_gallery
from geontm.tables import Issue
from publish_samples import FORMULA_NAME, SCRIPT_NAME, sample_content

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAEklEQVR4nGP4z8DwH4QZYAwAR9QH+ZFd5/oAAAAASUVORK5CYII="
)
MAPS = ("classification", "coverage", "programme")
FILES = (
    "maps/classification.html", "maps/coverage.html", "print/coverage-clean_water_pct-A4.pdf",
    "print/coverage-clean_water_pct-A4.png", "print/atlas.pdf", "report.docx",
    "phu-luc.docx", "phu-luc.xlsx", "communes.xlsx",
    "communes.csv", "villages.csv", "result.gpkg", "issues.csv",
)  # fmt: skip


class Links(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found, self.tags, self.texts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.found += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.texts.append(data)


def folder_of(path, files=FILES):
    for file in files:
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_bytes(b"x" * 1_234_567 if file == "report.docx" else b"x" * 200)
    for name in ("classification", "coverage"):
        (path / "thumbs").mkdir(exist_ok=True)
        (path / "thumbs" / f"{name}.png").write_bytes(PNG)
    return path


def page_of(path, content=None, **products):
    folder = folder_of(path)
    asked = Products(maps=MAPS, **products)
    return write_gallery(content or sample_content(), folder, asked).read_text(encoding="utf-8")


@pytest.mark.parametrize("site", [True, False], ids=["gallery", "plain"])
def test_every_file_is_linked_and_every_link_leads_somewhere(tmp_path, site):
    links = Links(page_of(tmp_path, site=site)).found
    wanted = {*FILES, "thumbs/classification.png", "thumbs/coverage.png"} if site else {*FILES}
    assert wanted <= set(links)
    assert set(links) - wanted <= {"data:,", "run.json"}


@pytest.mark.parametrize("site", [True, False], ids=["gallery", "plain"])
def test_text_of_files_is_only_text(tmp_path, site):
    issue = Issue.of("warning", "tables.empty_cell", file=SCRIPT_NAME, value=FORMULA_NAME, name=SCRIPT_NAME)
    rows = sample_content().indicators.assign(source_file=SCRIPT_NAME)
    content = sample_content(title=SCRIPT_NAME, fingerprint=SCRIPT_NAME, issues=(issue,), indicators=rows)
    page = Links(page_of(tmp_path, content, site=site))
    assert sum(tag == "script" for tag, _ in page.tags) == (1 if site else 0)
    assert not [tag for tag, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert SCRIPT_NAME in "".join(page.texts)


def test_only_the_page_s_own_style_and_script_may_run(tmp_path):
    page = page_of(tmp_path)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1).replace("&#39;", "'")
    for kind in ("style", "script"):
        text = re.search(rf"<{kind}>(.*?)</{kind}>", page, flags=re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not re.search(r"https?://", page)
    assert not re.search(r"<[^>]+\sstyle=", page), "the policy would ignore it"


def test_both_languages_are_there_and_that_of_the_run_is_in_front(tmp_path):
    for lang in ("vi", "en"):
        page = page_of(tmp_path / lang, sample_content(lang=lang))
        assert f'<html lang="{lang}">' in page
        assert '<span lang="vi">Bản đồ</span><span lang="en">Maps</span>' in page
        assert '<span lang="vi">1,2 MB</span><span lang="en">1.2 MB</span>' in page


def test_the_legend_counts_every_unit_and_shows_the_unknown(tmp_path):
    page = page_of(tmp_path)
    first = page[page.index("<article") : page.index("</article")]
    rows = re.findall(r"<li>(.*?)</li>", first, flags=re.DOTALL)
    assert sum(int(re.search(r'class="count">(\d+)', row).group(1)) for row in rows) == 6
    assert len(rows) == 4 and 'class="hatch"' in rows[3] and "chưa kết luận" in rows[3]


def test_constructed_figures_and_schematic_boundaries_are_told(tmp_path):
    page = page_of(tmp_path / "a")
    assert "ranh giới sơ đồ" in page and "không phải ranh giới hành chính" in page
    assert page.count("số liệu minh hoạ") >= 2, "on top, and where the figures come from"
    content = sample_content(illustrative=frozenset(), notes=replace(sample_content().notes, schematic=False))
    real = page_of(tmp_path / "b", content)
    assert "ranh giới sơ đồ" not in real and "số liệu minh hoạ" not in real


def test_pages_of_a_sheet_are_counted(tmp_path):
    folder_of(tmp_path, ("print/coverage-clean_water_pct-A4-2.png", "print/coverage-clean_water_pct-A3.pdf"))
    page = page_of(tmp_path)
    chips = re.findall(r'href="print/([^"]+)"><strong>([^<]+)<', page)
    assert chips == [
        ("coverage-clean_water_pct-A4.pdf", "PDF"),
        ("coverage-clean_water_pct-A4.png", "PNG"),
        ("coverage-clean_water_pct-A4-2.png", "PNG 2"),
        ("coverage-clean_water_pct-A3.pdf", "PDF"),
    ]


def test_a_map_without_figures_is_told(tmp_path):
    assert "chưa vẽ được: chưa có số liệu" in page_of(tmp_path)


def test_without_any_map_or_figure_the_page_still_stands(tmp_path):
    content = sample_content()
    empty = replace(content, wide=content.wide[[]], indicators=content.indicators[:0], issues=(), rulesets=())
    page = write_gallery(empty, folder_of(tmp_path, ("communes.csv",)), Products()).read_text(encoding="utf-8")
    assert "communes.csv" in page and "<article" not in page


def test_the_same_bytes_for_the_same_folder(tmp_path):
    content = sample_content()
    mixed = replace(content, wide=content.wide[::-1], units=content.units[::-1], indicators=content.indicators[::-1])
    assert page_of(tmp_path / "a") == page_of(tmp_path / "b", mixed)


def test_facts_count_yes_and_tell_the_unknown():
    (fact,) = facts_of(sample_content())
    assert (fact.count.vi, fact.unknown.vi, fact.illustrative) == ("2", "1", False)
    unknown = sample_content().wide.assign(is_border=pd.array([None] * 6, dtype="boolean"))
    (fact,) = facts_of(sample_content(wide=unknown))
    assert (fact.count.vi, fact.unknown.vi) == ("–", "6")  # never 0, never left out


def test_the_gravest_issues_come_first_and_kinds_are_folded():
    few = [Issue.of("error", "tables.empty_cell", row=1, name="x")]
    many = [Issue.of("warning", "tables.empty_cell", row=k, name="x") for k in range(1200)]
    notes = [Issue.of("info", "days.pieces_drawn", n=2)]
    found = findings_of(sample_content(issues=(*notes, *many, *few)))
    assert [(kind.severity, kind.more) for kind in found.kinds] == [("error", 0), ("warning", 1199)]
    assert found.counts["warning"].vi == "1.200" and found.counts["info"].en == "1"


def test_inputs_tell_their_years_and_whether_they_are_constructed():
    found = {each.file: (each.indicators, each.years, each.illustrative) for each in inputs_of(sample_content())}
    assert found["nuoc.xlsx"] == (1, "2025", False)
    assert found["cu.xlsx"] == (1, "2024", True)


@pytest.mark.parametrize("site", [True, False], ids=["gallery", "plain"])
def test_the_atlas_of_each_province_is_linked_by_its_name(tmp_path, site):
    atlases = ("print/atlas-01.pdf", "print/atlas-02.pdf", "print/atlas-x1.pdf")
    folder = folder_of(tmp_path, (*FILES, *atlases))
    page = write_gallery(sample_content(), folder, Products(maps=MAPS, site=site)).read_text(encoding="utf-8")
    assert [link for link in Links(page).found if link in atlases] == list(atlases)
    assert "Tập bản đồ Tỉnh Hai" in page and ("Atlas of Tỉnh Một" in page) == site
