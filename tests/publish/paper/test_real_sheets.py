"""Print maps of the real communes: every province, Quảng Ninh with its islets, and the whole country."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.text import Text

from geontm.publish.offered import layers_with_data
from geontm.publish.paper.files import save_pdf, save_png
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.plan import to_paper
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.sheet import draw_sheet
from geontm.publish.paper.text import POINT_MM, text_width
from geontm.publish.surroundings import locator
from publish_samples import sample_content

pytestmark = pytest.mark.realdata


def content_of(units):
    poor = pd.array(np.arange(len(units)) % 40 + 1.0, dtype="Float64")
    poor[::50] = pd.NA
    wide = pd.DataFrame({"poor_household_pct": poor}, index=units.index)
    sample = sample_content()
    return replace(sample, units=units, wide=wide, indicators=sample.indicators.iloc[:0])


def sheet_of(content, **options):
    style = content.styles["coverage"]
    return draw_sheet(content, style, layers_with_data(content, style)[0], **options)


def test_every_commune_of_quang_ninh_is_named_or_keyed(country, tmp_path):
    content = content_of(country[country["province_code"] == "22"])
    begin = time.process_time()
    sheet = sheet_of(content)
    save_png(sheet.figure, tmp_path / "a.png")
    path = save_pdf(sheet.pages, tmp_path / "a.pdf", title=sheet.title)
    seconds = time.process_time() - begin
    assert len(sheet.named) + len(sheet.keyed) == 54 and len(sheet.named) >= 45 and len(sheet.pages) == 1
    assert "Hoành Mô" in sheet.named and sheet.plan.denominator == 900_000
    assert path.stat().st_size < 3_000_000
    assert seconds < 12  # 2.5 measured


def test_the_country_shows_both_archipelagos_and_names_every_province(country, tmp_path):
    content = content_of(country)
    land = land_of(content)
    ground = ground_of(land, "A4", "vi")
    sheet = sheet_of(content, ground=ground)
    told = {text.get_text() for text in sheet.figure.findobj(Text)}
    assert any(text.startswith("Quần đảo Hoàng Sa (Đà Nẵng") for text in told)
    assert any(text.startswith("Quần đảo Trường Sa (Khánh H") for text in told)
    for inset, code in zip(ground.insets, ("20333", "22736"), strict=True):
        unit = land.codes.index(code)
        assert inset.drawn.paths[unit] is not None and len(inset.drawn.dots[unit]) > 3
    assert len(sheet.named) + len(sheet.keyed) == 34 and sheet.plan.portrait
    drawn = [path is not None for path in ground.drawn.paths]
    assert sum(drawn) == 3319
    assert save_pdf(sheet.pages, tmp_path / "a.pdf", title=sheet.title).stat().st_size < 3_000_000


def boxes_of(ground):
    """Return what is written on a map and the frames that stand on it, each as a rectangle (mm) with its words."""
    found = []
    for name in (*ground.names.names, *ground.around_names, *ground.sea_names):
        wide = max(text_width(line, name.size, name.cut) for line in name.lines)
        high = ((len(name.lines) - 1) * 1.12 + 0.9) * name.size * POINT_MM
        found.append((" ".join(name.lines), name.x - wide / 2, name.y - high / 2, name.x + wide / 2, name.y + high / 2))
    for number in ground.names.numbers:
        wide, high = text_width(str(number.number), number.size, "Bold"), 0.8 * number.size * POINT_MM
        x, y = number.x, number.y
        found.append((str(number.number), x - wide / 2, y - high / 2, x + wide / 2, y + high / 2))
    key = [ground.key[0]] if ground.key else []
    for box in (ground.arrow, ground.scale_bar.box, *key, *(inset.box for inset in ground.insets)):
        found.append(("furniture", box.x, box.y, box.right, box.top))
    return found


def around_of(code):
    """Return the other provinces in a few points each: enough to see whether their names find room."""
    others = locator("vi")
    others = others[(others["code"] != code) & (others["use"] == "province")]
    return others.assign(name_en=others["name"], kind="province")


@pytest.mark.parametrize("size", ["A4", "report"])
def test_in_every_province_each_unit_is_named_or_keyed_and_no_words_touch(country, size):
    for code, units in country.groupby("province_code"):
        land = land_of(replace(content_of(units), context=around_of(code)))
        ground = ground_of(land, size, "vi")
        apart = sum(int(there.sum()) for there in ground.land.islands.values())
        told = len(ground.names.names) + len(ground.names.numbers) + apart + ground.unnamed
        assert told == len(units), code
        assert size == "report" or not ground.unnamed, code
        assert not ground.names.crowded or ground.unnamed, code
        for inset in ground.insets:  # Trường Sa's stood on eleven communes of Khánh Hoà in a report
            known = to_paper(shapely.make_valid(ground.land.shapes[ground.land.near]), ground.plan)
            box = shapely.box(inset.box.x, inset.box.y, inset.box.right, inset.box.top)
            assert shapely.area(shapely.intersection(known, box)).sum() < 4, f"{code}: {inset.name} hides units"
        boxes = boxes_of(ground)
        frame = ground.plan.frame
        for words, west, south, east, north in boxes:
            inside = west >= frame.x and east <= frame.right and south >= frame.y and north <= frame.top
            assert inside, f"{code}: {words} leaves the frame"
        shapes = shapely.box(*(np.array([box[1 + k] for box in boxes]) for k in range(4)))
        first, second = shapely.STRtree(shapes).query(shapes)
        pairs = [(i, j) for i, j in zip(first, second, strict=True) if i < j]
        for i, j in pairs:
            over = shapely.area(shapely.intersection(shapes[i], shapes[j]))
            assert over < 0.6, f"{code}: {boxes[i][0]} and {boxes[j][0]} overlap"
