"""What stands on a page of its own program: every part it has use for, and no other."""

import re

import pytest

from busy_page import busy_content
from geontm.publish import map_html
from geontm.publish.web.runtime import parts_of, script, style
from publish_samples import sample_content

MOST_SCRIPT, MOST_STYLE = 122_000, 24_000  # bytes with every part
MOST_SCRIPT_PLAIN, MOST_STYLE_PLAIN = 110_000, 22_000  # of a map with one era and without roads, works or villages
PLAIN = {"layers": [{"kind": "choropleth"}, {"kind": "category"}], "locator": {"at": 0}, "overlays": []}


def test_a_page_carries_the_parts_that_its_header_asks_for():
    every, plain = set(parts_of()), set(parts_of(PLAIN))
    assert {"map", "card", "filter", "table", "link", "locator"} <= plain
    assert every - plain == {"bivariate", "eras", "overlays"}
    square, roads = {"layers": [{"kind": "bivariate"}]}, {"layers": [], "overlays": [{"name": "roads"}]}
    assert set(parts_of({**PLAIN, **square})) - plain == {"bivariate"}
    assert set(parts_of({**PLAIN, "former": {**PLAIN, **roads}})) - plain == {"eras", "overlays"}
    assert "locator" not in parts_of({**PLAIN, "locator": None})


def test_the_program_stays_small():
    every, plain = parts_of(), parts_of(PLAIN)
    sizes = [len(text(parts).encode()) for parts in (every, plain) for text in (script, style)]
    most = [MOST_SCRIPT, MOST_STYLE, MOST_SCRIPT_PLAIN, MOST_STYLE_PLAIN]
    assert [size <= limit for size, limit in zip(sizes, most, strict=True)] == [True] * 4, sizes


def test_no_class_of_the_style_sheet_is_without_use():
    used, styled = script(parts_of()), style(parts_of())
    unused = [name for name in sorted(set(re.findall(r"\.(gt-[\w-]+)", styled))) if name not in used]
    assert [name for name in unused if not re.fullmatch(r"gt-(side|a)-?\d", name)] == []


@pytest.mark.browser
def test_a_page_without_overlays_works_without_their_part(tab, tmp_path):
    for name, content, expected in (("plain", sample_content(), False), ("busy", busy_content(), True)):
        path = tmp_path / f"{name}.html"
        path.write_text(map_html(content, "coverage"), encoding="utf-8")
        assert ("OverlayCanvas" in path.read_text(encoding="utf-8")) is expected
        tab.open(path)
        assert tab.run("geontm.page.state.overlays") == ""
        assert tab.messages == []
