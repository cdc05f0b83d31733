"""Overlays of a page: every row packed once, within the budget, and what is left out is told."""

import zlib

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.project.styles import read_ground_styles
from geontm.publish import write_run
from geontm.publish.products import Products
from geontm.publish.web.overlays import GRID, overlays_of
from geontm.publish.web.payload import draw, payload
from publish_samples import sample_content

NAMES = ["Thôn Đông\nĐoài", None, "<b>Bản Lũng</b>"]


def villages(places, names=None):
    lon, lat = (pd.array([place and place[side] for place in places], dtype="Float64") for side in (0, 1))
    codes = [f"t{k}" for k in range(len(places))]
    table = {"village_code": codes, "village_name": pd.array(names or codes, dtype="str"), "lon": lon, "lat": lat}
    return pd.DataFrame(table)


def roads(lines, classes):
    frame = {"road_id": [str(k) for k in range(len(lines))], "road_class": pd.array(classes, dtype="str")}
    return gpd.GeoDataFrame(frame, geometry=[shapely.LineString(line) for line in lines], crs=4326)


def with_ground(**changes):
    return sample_content(ground_styles=read_ground_styles(), **changes)


class Unpacked:
    """Reads streams as the page does."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value

    def stream(self):
        return [self.number() for _ in range(self.number())]

    def sums(self):
        steps = np.array(self.stream(), dtype=np.int64)
        return np.cumsum((steps >> 1) ^ -(steps & 1)) / GRID

    def text(self):
        (length,) = self.stream()
        self.at += length
        return self.data[self.at - length : self.at].decode("utf-8")


def test_villages_keep_their_places_and_names():
    table = villages([(105.05, 21.05), None, (105.011, 21.1)], NAMES)
    (overlay,) = overlays_of(with_ground(more={"villages": table}))
    assert [(category.label.vi, n) for category, n in overlay.classes] == [("Thôn", 2)]
    assert overlay.left == ()
    assert overlay.issue is None
    read = Unpacked(overlay.packed)
    assert read.stream() == [2]
    places = list(zip(read.sums(), read.sums(), strict=True))
    names = read.text().split("\n")
    assert read.at == len(overlay.packed)
    assert dict(zip(names, places, strict=True)) == {
        "Thôn Đông Đoài": pytest.approx((105.05, 21.05)),
        "<b>Bản Lũng</b>": pytest.approx((105.011, 21.1)),
    }


def test_roads_are_joined_by_class_and_keep_their_shape():
    bent = [(105.0, 21.0), (105.1, 21.0), (105.1, 21.1)]
    layer = roads([bent, [(105.1, 21.1), (105.2, 21.2)], bent[:2], bent[::-1]], ["lane", "lane", "national_road", None])
    (overlay,) = overlays_of(with_ground(layers={"roads": layer}))
    assert [(category.value, n) for category, n in overlay.classes] == [("national_road", 1), ("lane", 2), ("", 1)]
    read = Unpacked(overlay.packed)
    counts, sizes = read.stream(), [n + 1 for n in read.stream()]
    x, y = read.sums(), read.sums()
    assert counts == [1, 1, 1]  # the two pieces of lane are one line
    assert sizes == [2, 4, 3]
    lines = [np.column_stack([x, y])[sum(sizes[:k]) : sum(sizes[: k + 1])] for k in range(3)]
    assert shapely.LineString(lines[1]).equals(shapely.LineString([*bent, (105.2, 21.2)]))


def test_works_stand_under_their_kind_and_areas_apart():
    works = gpd.GeoDataFrame(
        {"site_id": ["a", "b"], "name": ["Trạm 1", None], "kind": ["clinic", "shrine"]},
        geometry=shapely.points([105, 105.1], [21, 21.1]),
        crs=4326,
    )
    areas = gpd.GeoDataFrame(
        {"site_id": ["c"], "name": ["Vùng"], "kind": ["water"]}, geometry=[shapely.box(105, 21, 105.1, 21.1)], crs=4326
    )
    first, second = overlays_of(with_ground(layers={"works": works, "work_areas": areas}))
    assert (first.name, second.name) == ("work_areas", "works")  # areas below points
    assert [category.label.vi for category, _ in second.classes] == ["Trạm y tế", "loại khác hoặc chưa rõ"]


def wild_roads(n, seed=1):
    rng = np.random.default_rng(seed)
    walks = 105 + np.cumsum(rng.normal(0, 0.004, (n, 30, 2)), axis=1) + rng.random((n, 1, 2))
    classes = np.array(["national_road", "commune_road", "lane"])[rng.integers(0, 3, n)]
    return roads(walks.tolist(), classes.tolist())


def test_the_smallest_classes_go_first_and_it_is_told():
    content = with_ground(layers={"roads": wild_roads(200)})
    (whole,) = overlays_of(content)
    budget = int(0.5 * len(zlib.compress(whole.packed, 9)) * 4 / 3)
    (overlay,) = overlays_of(content, most=budget)
    assert len(zlib.compress(overlay.packed, 9)) * 4 / 3 <= budget
    kept, left = ([category.value for category, _ in part] for part in (overlay.classes, overlay.left))
    assert kept + left == ["national_road", "commune_road", "lane"]
    assert kept[0] == "national_road"
    assert left
    assert overlay.issue is not None
    assert overlay.issue.column == "roads"
    (nothing,) = overlays_of(content, most=10)
    assert (nothing.classes, nothing.packed, len(nothing.left)) == ((), b"", 3)


def test_names_go_before_any_class_does():
    rng = np.random.default_rng(2)
    places = [(105 + a, 21 + b) for a, b in rng.random((500, 2))]
    names = ["".join(map(chr, rng.integers(97, 122, 30))) for _ in places]
    content = with_ground(more={"villages": villages(places, names)})
    (whole,) = overlays_of(content)
    (overlay,) = overlays_of(content, most=int(0.5 * len(zlib.compress(whole.packed, 9)) * 4 / 3))
    assert (whole.named, overlay.named) == (True, False)
    assert overlay.left == ()


def test_a_run_tells_what_its_pages_leave_out(tmp_path, monkeypatch):
    monkeypatch.setattr("geontm.publish.web.overlays.overlays_of.__kwdefaults__", {"most": 2_000})
    content = with_ground(layers={"roads": wild_roads(60)})
    write_run(content, tmp_path, Products(maps=("coverage",), site=False))
    issues = pd.read_csv(tmp_path / "issues.csv")
    told = issues.loc[issues["column"] == "roads", "reason"].tolist()
    assert len(told) == 1
    assert "Đường ngõ, xóm" in told[0]


def test_a_page_carries_overlays_after_its_outlines():
    content = with_ground(more={"villages": villages([(105.05, 21.05)])})
    plain = draw(with_ground())
    drawing = draw(content)
    head = payload(content, content.styles["coverage"], drawing)
    (overlay,) = head["overlays"]
    assert drawing.packed.startswith(plain.packed)
    assert overlay["at"] == len(plain.packed)
    assert drawing.packed[overlay["at"] :] == overlays_of(content)[0].packed
    assert head["locator"]["national"] is False
    assert {"20333", "22736"} <= set(head["locator"]["codes"])


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_rows_changes_no_byte(seed):
    rng = np.random.default_rng(seed)
    layer = wild_roads(12, seed=5)
    places = villages([(105 + k / 50, 21 + k % 4 / 50) for k in range(9)])
    first = overlays_of(with_ground(layers={"roads": layer}, more={"villages": places}))
    second = overlays_of(
        with_ground(
            layers={"roads": layer.iloc[rng.permutation(12)]}, more={"villages": places.iloc[rng.permutation(9)]}
        )
    )
    assert [each.packed for each in first] == [each.packed for each in second]
