"""Outlines are packed once for all pages of a run and kept for the next; what is odd in them is told once."""

import csv

import shapely

from geontm.publish import Products, map_html, write_run
from geontm.publish.web import drawing
from publish_samples import sample_content

PAGES = Products(maps=("classification", "coverage"), site=False)


class Memory(dict):
    def put(self, key, data):
        self[key] = data


def test_two_pages_pack_the_outlines_once_and_the_next_run_not_at_all(tmp_path, monkeypatch):
    packed = []
    pack = drawing.pack_arcs
    monkeypatch.setattr(drawing, "pack_arcs", lambda arcs: packed.append(1) or pack(arcs))
    kept = Memory()
    pages = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_run(sample_content(), tmp_path / name, PAGES, kept=kept)
        pages.append((tmp_path / name / "maps" / "coverage.html").read_bytes())
        assert len(packed) == 1
    assert len(kept) == 1
    assert pages[0] == pages[1] == map_html(sample_content(), "coverage").encode("utf-8")


def test_units_that_overlap_are_told_once_among_the_issues(tmp_path):
    content = sample_content()
    shapes = content.units.geometry.copy()
    shapes.iloc[:2] = [shapely.box(106, 21, 107, 22), shapely.box(106.5, 21.2, 107.5, 21.8)]
    content = sample_content(units=content.units.set_geometry(shapes))
    apart = drawing.draw(content).apart
    assert len(apart) == 1
    write_run(content, tmp_path, PAGES)
    with (tmp_path / "issues.csv").open(encoding="utf-8-sig", newline="") as file:
        told = [row for row in csv.DictReader(file) if row["value"] == apart[0]]
    assert [row["severity"] for row in told] == ["warning"]
