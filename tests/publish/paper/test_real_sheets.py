"""Print maps of the real communes: Quảng Ninh with its islets, and the whole country."""

from __future__ import annotations

import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from geontm.publish.offered import layers_with_data
from geontm.publish.paper.files import save_pdf, save_png
from geontm.publish.paper.ground import ground_of
from geontm.publish.paper.plane import land_of
from geontm.publish.paper.sheet import draw_sheet
from publish_samples import sample_content

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def country(request):
    folder = request.getfixturevalue("shared_data")
    units = gpd.read_parquet(folder / "data" / "communes_2025.parquet")
    return units.rename(columns={"code": "commune_code", "name": "commune_name"}).set_index("commune_code")


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
