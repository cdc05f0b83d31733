"""The joins that the toolkit is measured by, on the reference data; judged by codes that the join does not see."""

import random
from datetime import date

import pandas as pd
import pyarrow.parquet as pq
import pytest
from misspell import drop_all_marks, misspell

from geontm.errors import VintageError
from geontm.join import Register, check_vintage, match_units, normalise_name

pytestmark = pytest.mark.realdata


def read_units(path, code):
    table = pq.read_table(path)
    frame = table.drop_columns(["geometry"]).to_pandas().rename(columns={"name": "commune_name"})
    frame = frame[frame[code].notna()].set_index(code).rename_axis("commune_code")
    kept = ["commune_name", "kind", "district_name", "province_code", "province_name", "code_2019"]
    return frame[[name for name in kept if name in frame]]


@pytest.fixture(scope="module")
def census(shared_data):
    path = shared_data / "data" / "real" / "census2019_population_households_commune.csv"
    columns = {"commune": "commune_name", "district": "district_name", "province": "province_name"}
    table = pd.read_csv(path, dtype=str, keep_default_na=False).rename(columns=columns)
    return table[[*columns.values(), "commune_code_2019"]]


@pytest.fixture(scope="module")
def units_2009(shared_data):
    return read_units(shared_data / "data" / "communes_2009_source.parquet", "source_id")


@pytest.fixture(scope="module")
def units_2025(shared_data):
    return read_units(shared_data / "data" / "communes_2025.parquet", "code")


@pytest.fixture(scope="module")
def registers(shared_data, units_2025):
    units_2024 = read_units(shared_data / "data" / "communes_2024.parquet", "code")
    return (Register(date(2025, 3, 1), date(2025, 6, 30), units_2024), Register(date(2025, 7, 1), None, units_2025))


@pytest.mark.parametrize("accept", [False, True])
def test_the_census_joins_the_layer_of_2009_by_names_only(census, units_2009, accept):
    rows = census.drop(columns="commune_code_2019")
    places = units_2009.drop(columns=["code_2019", "province_code"])
    match = match_units(rows, places, by="name", within="province", accept_suggestions=accept)
    judged = census["commune_code_2019"] != ""
    joined = match.codes.notna()
    found = match.codes.map(units_2009["code_2019"])
    right = joined & judged & (found == census["commune_code_2019"]).fillna(value=False)
    # A polygon that has no code of 2019 cannot be judged either.
    wrong = joined & judged & found.notna() & ~right
    print(f"\naccept={accept}: judged {judged.sum()}, right {right.sum()}, wrong {wrong.sum()}, "
          f"refused {(judged & ~joined).sum()}")  # fmt: skip
    assert judged.sum() == 11_108
    assert wrong.sum() == 0
    assert right.sum() / judged.sum() >= 0.99
    errors = {issue.row for issue in match.issues if issue.severity == "error"}
    assert errors == {str(row) for row in rows.index[~joined]}


def without_kind(name):
    return name.removeprefix("Xã ").removeprefix("Phường ").removeprefix("Thị trấn ")


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda table: table.sample(frac=0.3, random_state=1), 0.99),
        (lambda table: table.sample(frac=0.3, random_state=2), 0.99),
        (lambda table: table.map(lambda text: drop_all_marks(text, None).upper()), 0.97),
        (lambda table: table.assign(commune_name=table["commune_name"].map(without_kind)), 0.98),
        (lambda table: table.drop(columns="district_name"), 0.95),
    ],
    ids=["three in ten", "three other in ten", "capitals without marks", "without kinds", "without districts"],
)
@pytest.mark.parametrize("accept", [False, True])
def test_poorer_tables_join_less_and_never_wrongly(census, units_2009, change, least, accept):
    rows = change(census.drop(columns="commune_code_2019"))
    places = units_2009.drop(columns=["code_2019", "province_code"])
    match = match_units(rows, places, by="name", within="province", accept_suggestions=accept)
    truth = census["commune_code_2019"].reindex(rows.index)
    found = match.codes.map(units_2009["code_2019"])
    judged = (truth != "") & found.notna()
    assert (found[judged] != truth[judged]).sum() == 0
    assert judged.sum() / (truth != "").sum() >= least


@pytest.mark.parametrize(
    ("of", "why"), [(date(2019, 4, 1), "dates"), (None, "other"), (date(2025, 12, 31), "date_wrong")]
)
def test_the_census_is_refused_on_the_layer_of_2025(census, units_2025, registers, of, why):
    with pytest.raises(VintageError) as caught:
        check_vintage(census, units_2025, table_date=of, boundaries_date=date(2025, 7, 1), registers=registers)
    assert caught.value.message.id == f"join.vintage_{why}"


def test_the_census_undated_is_taken_for_the_era_of_2009(census, units_2009, registers):
    issues = check_vintage(census, units_2009, table_date=None, boundaries_date=None, registers=registers)
    assert [issue.message.id for issue in issues] == ["join.vintage_assumed"]


def test_every_province_tells_its_own_table_from_the_old_one(registers):
    """With names alone each new province is let through, and its old table never is."""
    old, new = registers[0].units, registers[1].units
    for code, places in new.groupby("province_code"):
        options = {"table_date": None, "boundaries_date": date(2025, 7, 1), "registers": registers}
        assert check_vintage(places[["commune_name"]], places, **options), code
        with pytest.raises(VintageError):
            check_vintage(old.loc[old["province_code"] == code, ["commune_name"]], places, **options)


@pytest.mark.parametrize("accept", [False, True])
@pytest.mark.parametrize("era", ["after", "before"])
def test_a_thousand_misspellings_never_join_the_wrong_unit(registers, era, accept):
    units = next(register.units for register in registers if register.era == era)
    full = [(p, *_name(n)) for p, n in zip(units["province_name"], units["commune_name"], strict=True)]
    owners = pd.Series(units.index, index=pd.MultiIndex.from_tuples(full)).groupby(level=[0, 1, 2]).agg(set).to_dict()
    dice = random.Random(2025)
    rows, excluded = {}, 0
    for code in dice.sample(sorted(units.index), len(units.index)):
        if len(rows) == 1000:
            break
        unit = units.loc[code]
        if len(owners[(unit["province_name"], *_name(unit["commune_name"]))]) > 1:
            continue  # two units of the province bear this name: no spelling of it can be judged
        wrong, _ = misspell(unit["commune_name"], dice)
        if owners.get((unit["province_name"], *_name(wrong)), {code}) != {code}:
            excluded += 1  # the slip has made another unit's very name of it
            continue
        rows[code] = (wrong, unit["province_name"])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["commune_name", "province_name"])
    match = match_units(table, units, by="name", within="province", accept_suggestions=accept)
    joined = match.codes.notna()
    wrong = joined & (match.codes != table.index)
    print(f"\n{era}, accept={accept}: {len(table)} misspelt, {joined.sum()} joined, {wrong.sum()} wrong, "
          f"{excluded} left out")  # fmt: skip
    assert wrong.sum() == 0
    assert joined.mean() > {("after", False): 0.45, ("after", True): 0.85}.get((era, accept), 0.3)


def _name(text):
    key = normalise_name(text)
    return key.kind, key.base
