"""Which list of units a layer holds, and whether it lies where that list says. Codes are of Cao Bằng."""

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geontm.errors import BoundaryError, CRSError, VintageError
from geontm.load import UnitRegister, read_registers
from geontm.load.boundaries import BoundarySource, read_boundaries
from geontm.project import read_dictionary

WORDS = read_dictionary("communes")
BEFORE, AFTER = datetime.date(2024, 12, 31), datetime.date(2025, 7, 1)
# Old units 01–10 in one province; the five new ones bear odd codes, and one of them (01) its old name too.
CODES = [f"0{n:04}" for n in range(1, 11)]
NAMES = ["An Bình", "Bình Lãng", "Cô Ba", "Đông Khê", "Độc Lập", "Hoà Thuận", "Kim Đồng", "Lê Lợi", "Nà Sác", "Phi Hải"]
PLACES = [(106 + n / 10, 22.5) for n in range(10)]


def units(codes, names, kind="xã", **columns) -> pd.DataFrame:
    full = [f"{kind.capitalize()} {name}" for name in names]
    frame = {"commune_name": full, "kind": kind, "province_code": "04", "province_name": "Tỉnh Cao Bằng", **columns}
    return pd.DataFrame(frame, index=pd.Index(codes, name="commune_code"))


OLD = UnitRegister(None, BEFORE, units(CODES, NAMES, district_code="040", district_name="Huyện Hà Quảng"))
NEW = UnitRegister(
    AFTER,
    None,
    units(CODES[::2], ["An Bình", "Nguyễn Huệ", "Thạch An", "Canh Tân", "Minh Khai"]),
    pd.DataFrame(PLACES[::2], columns=["lon", "lat"], index=pd.Index(CODES[::2], name="commune_code")),
)
NEW_NAMES = NEW.units["commune_name"].tolist()


def square(place, size=0.05):
    return shapely.box(place[0] - size, place[1] - size, place[0] + size, place[1] + size)


def layer(codes, names=None, crs=4326, **columns) -> gpd.GeoDataFrame:
    shapes = [square(PLACES[CODES.index(code)] if code in CODES else (106, 22.5)) for code in codes]
    said = {} if names is None else {"ten_xa": list(names)}
    return gpd.GeoDataFrame({"ma_xa": list(codes), **said, **columns}, geometry=shapes, crs=4326).to_crs(crs)


@pytest.fixture
def read(tmp_path):
    def reader(frame, *, registers=(OLD, NEW), **source):
        path = tmp_path / "xa.gpkg"
        frame.to_file(path, engine="pyogrio")
        return read_boundaries(BoundarySource(path, **source), identifiers=WORDS, registers=registers)

    return reader


def told(found) -> dict[str, str]:
    return {i.message.id.removeprefix("layers."): i.message.text("en") for i in found.issues}


def test_an_undated_layer_gets_the_list_whose_names_its_codes_bear(read):
    new = read(layer(CODES[::2], NEW_NAMES))
    assert "2025-07-01 → …: 100%" in told(new)["era_chosen"]
    assert "… → 2024-12-31: 20%" in told(new)["era_chosen"]
    assert new.units["district_name"].isna().all()
    old = read(layer(CODES, NAMES))
    assert "2025-07-01 → …: 10%" in told(old)["era_chosen"]
    assert set(old.units["district_name"]) == {"Huyện Hà Quảng"}
    assert (new.valid_from, old.valid_from) == (None, None)


def test_codes_alone_decide_by_how_much_of_a_list_they_are(read):
    assert read(layer(CODES)).units["commune_name"].tolist() == OLD.units["commune_name"].tolist()
    # All five are codes of both times, but all there are of the new and half of the old.
    whole = read(layer(CODES[::2]))
    assert whole.units["commune_name"].tolist() == NEW_NAMES
    assert "100% of the list of 2025-07-01" in told(whole)["era_by_extent"]
    few = read(layer(CODES[:4:2]))
    assert "era_undecided" in told(few)
    assert few.units["commune_name"].isna().all()
    with pytest.raises(BoundaryError) as caught:
        read(layer(CODES[:4:2]), provinces=("04",))
    assert "layers.era_undecided" in [issue.message.id for issue in caught.value.issues]
    former = read(layer(CODES[:4:2], huyen=["Hà Quảng", "Hà Quảng"]), columns={"huyen": "district_name"})
    assert former.units["commune_name"].tolist() == OLD.units["commune_name"].tolist()[:4:2]


def test_where_no_list_fits_none_is_used(read):
    strange = read(layer(CODES, [f"Tên lạ {n}" for n in range(10)]))
    assert "2024-12-31: 0%" in told(strange)["era_none"]
    assert {i.severity for i in strange.issues if i.message.id == "layers.era_none"} == {"warning"}
    assert strange.units["province_code"].isna().all()
    assert "filled" not in told(strange)


@pytest.mark.parametrize(
    ("codes", "names", "date", "shares"),
    [
        (CODES, NAMES, AFTER, ("10%", "100%")),
        (CODES, None, AFTER, ("50%", "100%")),
        (CODES[::2], NEW_NAMES, BEFORE, ("20%", "100%")),
        (CODES[::2], None, BEFORE, ("50%", "100%")),
    ],
)
def test_a_date_that_the_units_contradict_is_refused_with_both_shares(read, codes, names, date, shares):
    with pytest.raises(VintageError) as caught:
        read(layer(codes, names), date=date)
    for lang in ("vi", "en"):
        assert all(share in caught.value.text(lang) for share in (*shares, date.isoformat()))


def test_a_date_that_the_units_bear_out_needs_no_word(read):
    for codes, names, date in ((CODES, NAMES, BEFORE), (CODES[::2], NEW_NAMES, AFTER), (CODES, None, BEFORE)):
        assert not [name for name in told(read(layer(codes, names), date=date)) if name.startswith("era_")]
    # A part of a layer with names is judged by them, not by its extent.
    assert "era_fits_badly" not in told(read(layer(CODES[:3], NAMES[:3]), date=BEFORE))
    doubtful = read(layer(CODES, [*NAMES[:5], "A", "B", "C", "D", "E"]), date=BEFORE)
    assert "50%" in told(doubtful)["era_fits_badly"]
    assert set(doubtful.units["province_code"]) == {"04"}


@pytest.mark.parametrize(
    "written", ["Hòa Thuận", "HOÀ THUẬN", "Xã Hoà  Thuận", "X. Hoa Thuan", "Hòa-Thuận", "Ho\u0061\u0300 Thuận"]
)
def test_ways_of_writing_a_name_do_not_make_another_unit(read, written):
    names = list(NAMES)
    names[5] = written
    assert "2024-12-31: 100%" in told(read(layer(CODES, names)))["era_chosen"]


def test_another_kind_is_another_unit(read):
    towns = read(layer(CODES, [f"Thị trấn {name}" for name in NAMES]))
    assert "2024-12-31: 0%" in told(towns)["era_none"]


def test_codes_of_another_list_are_judged_by_names_and_listed_briefly(read):
    foreign = layer([f"20115{n:02}" for n in range(10)], NAMES, tinh=["Cao Bằng"] * 10)
    found = read(foreign, columns={"ma_xa": "commune_code", "tinh": "province_name"})
    assert "2024-12-31: 100%" in told(found)["era_chosen"]
    assert "not_in_register" not in told(found)
    assert found.units["province_code"].eq("04").all()
    assert max(len(issue.value) for issue in found.issues) < 20
    elsewhere = read(foreign.assign(tinh="Lạng Sơn"), columns={"ma_xa": "commune_code", "tinh": "province_name"})
    assert "2024-12-31: 0%" in told(elsewhere)["era_none"]


def test_many_unknown_codes_are_not_listed_one_by_one(read):
    strange = [f"9{n:04}" for n in range(30)]
    found = read(layer([*strange, *CODES], [*(["X"] * 30), *NAMES]), date=BEFORE)
    listed = next(issue for issue in found.issues if issue.message.id == "layers.not_in_register")
    assert "30 codes" in listed.message.text("en")
    assert listed.value.split()[0] == "90000"
    assert len(listed.value.split()) == 13


@settings(deadline=None, max_examples=8)
@given(order=st.permutations(range(10)), kept=st.integers(3, 10))
def test_the_choice_does_not_hang_on_the_order(tmp_path_factory, order, kept):
    folder = tmp_path_factory.mktemp("order")
    frame = layer(CODES, NAMES).iloc[sorted(order[:kept])]
    frame.to_parquet(folder / "a.parquet")
    frame.sample(frac=1, random_state=kept).to_parquet(folder / "b.parquet")
    one, other = (
        read_boundaries(BoundarySource(folder / name), identifiers=WORDS, registers=(OLD, NEW)[::step])
        for name, step in (("a.parquet", 1), ("b.parquet", -1))
    )
    assert told(one) == told(other)
    assert one.units["district_name"].notna().all()


@pytest.mark.parametrize(("true", "claimed"), [(9210, 9211), (9211, 9210), (9212, 9211)])
def test_a_neighbouring_zone_is_refused_and_the_fitting_one_named(read, true, claimed):
    frame = layer(CODES[::2], NEW_NAMES, crs=true)
    assert "VN-2000" in read(frame).crs
    with pytest.raises(CRSError) as caught:
        read(frame.set_crs(claimed, allow_override=True))
    assert caught.value.message.id == "layers.crs_shifted"
    assert f"EPSG:{claimed}" in caught.value.problem
    assert "26 km" in caught.value.problem
    assert f"EPSG:{true}" in caught.value.fix
    assert f"EPSG:{claimed}" not in caught.value.fix


def test_a_layer_converted_from_a_wrong_zone_is_refused(read):
    converted = layer(CODES[::2], NEW_NAMES, crs=9210).set_crs(9211, allow_override=True).to_crs(4326)
    with pytest.raises(CRSError) as caught:
        read(converted)
    assert caught.value.message.id == "layers.crs_shifted_unknown"


def test_nine_kilometres_are_let_pass_and_too_few_units_say_nothing(read):
    frame = layer(CODES[::2], NEW_NAMES)
    moved = frame.set_geometry(frame.translate(9 / 102.9))  # km in a degree at 22.5° N
    assert read(moved).crs.startswith("EPSG:4326")
    far = frame.set_geometry(frame.translate(0.5))
    with pytest.raises(CRSError):
        read(far)
    assert len(read(far.iloc[:2], date=AFTER).units) == 2


def test_units_far_off_in_all_directions_are_a_warning(read):
    frame = layer(CODES[::2], NEW_NAMES)
    mixed = frame.set_geometry(frame.geometry.to_numpy()[[3, 4, 1, 2, 0]])
    assert "units_elsewhere" in told(read(mixed))


def test_a_list_without_points_compares_no_places(read):
    far = layer(CODES, NAMES)
    assert len(read(far.set_geometry(far.translate(0.5)), date=BEFORE).units) == 10


def test_the_shipped_lists_know_their_days_and_places():
    before, after = read_registers()
    assert before.holds(datetime.date(2025, 6, 30))
    assert not before.holds(AFTER)
    assert after.holds(AFTER)
    assert after.points is not None
    assert set(after.points.index) == set(after.units.index)
    assert np.isfinite(after.points.to_numpy()).all()
    assert before.points is None


@pytest.mark.realdata
def test_real_layers_of_both_eras_are_told_apart(shared_data, tmp_path):
    registers = read_registers()
    new = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet")
    old = gpd.read_parquet(shared_data / "data" / "communes_2024.parquet").dropna(subset=["code"])
    for label, frame, days, wrong in (("new", new, [AFTER, None], BEFORE), ("old", old, [BEFORE, None], AFTER)):
        for bare in (False, True):
            path = tmp_path / f"{label}-{bare}.parquet"
            (frame[["code", "geometry"]] if bare else frame).to_parquet(path)
            for day in days:
                source = BoundarySource(path, date=day, provinces=("04",))
                found = read_boundaries(source, identifiers=WORDS, registers=registers)
                assert len(found.units) == (56 if label == "new" else 161)
                assert bool({"era_chosen", "era_by_extent"} & set(told(found))) == (day is None)
            with pytest.raises(VintageError):
                read_boundaries(BoundarySource(path, date=wrong), identifiers=WORDS, registers=registers)


@pytest.mark.realdata
@pytest.mark.parametrize("province", ["04", "22", "96"])
def test_real_provinces_in_the_wrong_zone_are_refused(shared_data, tmp_path, province):
    units = gpd.read_parquet(shared_data / "data" / "communes_2025.parquet")
    units = units[units["province_code"] == province].to_crs(9211)
    for claimed in (9210, 9212):
        units.set_crs(claimed, allow_override=True).to_parquet(tmp_path / "xa.parquet")
        with pytest.raises(CRSError, match="EPSG:9211"):
            read_boundaries(BoundarySource(tmp_path / "xa.parquet"), identifiers=WORDS, registers=read_registers())
