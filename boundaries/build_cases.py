"""Build the constructed tables of the working cases; each is marked as such in its project and its name.

Usage::

    python boundaries/build_cases.py [--out DIR]

What documents print is typed into the cases by hand (``so-lieu-van-ban.csv``). Here is built what they do not name:
which communes, and how a printed total spreads over them. The same seed gives the same tables.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from geontm.law import RuleSet, leaves
from geontm.project.rulesets import read_ruleset

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "src" / "geontm" / "data" / "cases"
SEED = 196

# Decision 30/2007/QĐ-TTg as the province's committee for ethnic affairs prints it, 21 August 2012:
# https://www.quangninh.gov.vn/bannganh/bandantoc/Trang/ChiTietTinTuc.aspx?nid=1036
DIFFICULT_2007 = {
    "Tiên Yên": "Yên Than, Đại Thành, Tiên Lãng, Hải Lạng, Đông Hải, Đông Ngũ, Phong Dụ, Đại Dực, Hà Lâu, Điền Xá",
    "Ba Chẽ": "Lương Mông, Minh Cầm, Thanh Sơn, Đạp Thanh, Đồn Đạc, Thanh Lâm, Nam Sơn",
    "Bình Liêu": "Tình Húc, Lục Hồn, Húc Động, Đồng Văn, Vô Ngại, Đồng Tâm, Hoành Mô",
    "Đầm Hà": "Quảng Tân, Quảng Lâm, Quảng An, Quảng Lợi, Tân Lập",
    "Hải Hà": "Quảng Đức, Quảng Thịnh, Quảng Sơn",
    "Hoành Bồ": "Vũ Oai, Quảng La, Bằng Cả, Đồng Sơn, Đồng Lâm, Tân Dân, Hòa Bình, Kỳ Thượng",
    "Cô Tô": "Cô Tô, Đồng Tiến, Thanh Lân",
    "Vân Đồn": "Đài Xuyên, Bình Dân, Vạn Yên, Quan Lạn, Bản Sen, Thắng Lợi",
    "Móng Cái": "Bắc Sơn, Hải Sơn, Hải Hoà, Hải Yên",
    "Cẩm Phả": "Cộng Hòa",
}
# Communes that the article on Scheme 196 names; of Hải Hà it names the district only, so one of its communes is taken.
NAMED = {("Tiên Yên", "Hà Lâu"), ("Ba Chẽ", "Đồn Đạc"), ("Ba Chẽ", "Thanh Sơn")}
ROADMAP = {2018: 3, 2019: 13, 2020: 6}
EXITED_2017 = 6
IN_SCHEME = 22

LANG_SON_HOUSEHOLDS, LANG_SON_POOR = 175_862, {2022: 15_687, 2023: 10_587}
PRIORITY = ("Huyện Bình Gia", "Huyện Văn Quan")


def main() -> None:
    """Write every constructed table."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--out", type=Path, default=CASES)
    out = arguments.parse_args().out
    for name, table in build(read_units()).items():
        write(table, out / name)


def build(units: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    """Build all tables: path under the cases' folder to rows."""
    scheme = units_on(units, "2017-01-17", "22")
    ba_che_units = units_on(units, "2023-08-24", "22").query("district_name == 'Huyện Ba Chẽ'")
    return {**quang_ninh(scheme), **lang_son(units_on(units, "2023-12-31", "20")), **ba_che(ba_che_units)}


def read_units() -> pd.DataFrame:
    """Read the register of the cases' provinces."""
    return pd.read_parquet(HERE / "units-cases.parquet")


def units_on(units: pd.DataFrame, day: str, province: str) -> pd.DataFrame:
    """Return the units of a province on a day, by code."""
    here = units[(units["province_code"] == province) & (units["valid_from"] <= day) & (units["valid_to"] >= day)]
    return here.sort_values("commune_code").set_index("commune_code")


def bare(name: str) -> str:
    """Return a name without the kind of unit."""
    for kind in ("Thị trấn ", "Thành phố ", "Thị xã ", "Phường ", "Huyện ", "Xã "):
        name = name.removeprefix(kind)
    return name


def quang_ninh(units: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    """Choose the 22 communes of Scheme 196 and the years in which they leave the list."""
    places = {(bare(unit["district_name"]), bare(unit["commune_name"])): code for code, unit in units.iterrows()}
    listed = []
    for district, names in DIFFICULT_2007.items():
        for name in names.split(", "):
            # A name of then may be a ward or a town by now, or its commune may have become one.
            code = places.get((district, name))
            row = {"Huyện": district, "Xã": name, "Mã xã": code, "Loại đơn vị năm 2017": None}
            listed.append(row | ({"Loại đơn vị năm 2017": units.loc[code, "kind"]} if code else {}))
    could = [row["Mã xã"] for row in listed if row["Loại đơn vị năm 2017"] == "xã"]
    random = np.random.default_rng(SEED)
    fixed = [places[place] for place in sorted(NAMED)] + [places["Hải Hà", "Quảng Sơn"]]
    others = [code for code in could if code not in fixed]
    chosen = [*fixed, *sorted(random.choice(others, IN_SCHEME - len(fixed), replace=False))]
    order = list(random.permutation(chosen))
    years = [year for year, n in ROADMAP.items() for _ in range(n)]
    planned = dict(zip(order, years, strict=True))
    named = {places[place] for place in NAMED}
    # The roadmap still counts those who leave early in their planned year. Of the communes that the article names it
    # does not say that they left, so they are not drawn.
    early = set(random.choice(sorted(set(chosen) - named), EXITED_2017, replace=False))
    folder = "quang-ninh-196"
    chosen = sorted(chosen)
    return {
        f"{folder}/vung-kho-khan-2007.csv": listed,
        f"{folder}/xa-minh-hoa.csv": [
            {
                "Mã xã": code,
                "Tên xã": unit["commune_name"],
                "Huyện": unit["district_name"],
                "Xã thuộc Đề án 196 (minh hoạ)": _yes(code in planned),
                "Văn bản nêu tên": _yes(code in named),
                "Xã đặc biệt khó khăn": _yes(code in planned and code not in early),
            }
            for code, unit in units.iterrows()
        ],
        f"{folder}/xa-trong-dien-minh-hoa.csv": [
            _unit(units, code) | {"status": "Xã đặc biệt khó khăn", "date": "2016-12-31"} for code in chosen
        ],
        f"{folder}/lo-trinh-minh-hoa.csv": [
            _unit(units, code) | {"measure": "exit", "year": planned[code]} for code in chosen
        ],
        f"{folder}/ket-qua-minh-hoa.csv": [
            _unit(units, code) | {"measure": "exit", "date": "2017-12-31"} for code in sorted(early)
        ],
    }


def lang_son(units: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    """Spread Lạng Sơn's poor households over its communes so that the printed rates and their fall come out."""
    random = np.random.default_rng(SEED)
    priority = units["district_name"].isin(PRIORITY).to_numpy()
    town = (units["kind"] != "xã").to_numpy()
    # Wards and townships hold more households than mountain communes do.
    size = (
        random.lognormal(0, 0.35, len(units))
        * units["kind"].map({"xã": 1.0, "thị trấn": 2.2, "phường": 5.0}).to_numpy()
    )
    households = apportion(size, LANG_SON_HOUSEHOLDS)
    remote = random.normal(0, 0.45, len(units)) + np.where(priority, 1.0, 0) - np.where(town, 1.3, 0)
    weight = households * np.exp(remote)
    before = apportion(weight, LANG_SON_POOR[2022], most=(households * 0.7).astype(int))
    fall = apportion(
        before * random.uniform(0.7, 1.3, len(units)), LANG_SON_POOR[2022] - LANG_SON_POOR[2023], most=before
    )
    poor = {2022: before, 2023: before - fall}
    services = {
        "Tỷ lệ hộ dùng nước sạch (%)": (68, -16),
        "Tỷ lệ hộ dùng nước hợp vệ sinh (%)": (97, -4),
        "Tỷ lệ đường thôn cứng hóa (%)": (82, -14),
        "Tỷ lệ hộ có điện lưới (%)": (99.3, -0.8),
    }
    drawn = {
        name: (level + slope * np.clip(remote, -1, 2) + random.normal(0, 2.5 if level < 90 else 0.4, len(units)))
        .clip(5, 100)
        .round(1)
        for name, (level, slope) in services.items()
    }
    folder = "lang-son-2024"
    tables: dict[str, list[dict[str, object]]] = {}
    for year, counts in poor.items():
        tables[f"{folder}/ho-ngheo-{year}-minh-hoa.csv"] = [
            {
                "Mã xã": code,
                "Tên xã": unit["commune_name"],
                "Huyện": unit["district_name"],
                "Số hộ": int(households[at]),
                "Số hộ nghèo": int(counts[at]),
                "Tỷ lệ hộ nghèo (%)": round(100 * counts[at] / households[at], 2),
            }
            for at, (code, unit) in enumerate(units.iterrows())
        ]
    for at, row in enumerate(tables[f"{folder}/ho-ngheo-2023-minh-hoa.csv"]):
        row |= {name: float(values[at]) for name, values in drawn.items()}
    tables[f"{folder}/cong-trinh-minh-hoa.csv"] = _works(units, random, remote)
    return tables


# Unmet criteria and indicators of the advanced set, by commune. The article prints Nam Sơn's, and the mean of the
# next four; the last two are advanced already, so nothing is unmet.
ADVANCED_UNMET = {
    "Xã Nam Sơn": (3, 3),
    "Xã Đồn Đạc": (5, 10),
    "Xã Thanh Sơn": (4, 9),
    "Xã Thanh Lâm": (5, 10),
    "Xã Đạp Thanh": (4, 9),
    "Xã Lương Mông": (0, 0),
    "Xã Minh Cầm": (0, 0),
}
MODEL_UNMET = {"Xã Lương Mông": (4, 8), "Xã Minh Cầm": (4, 8)}
DISTRICT_UNMET = {"Huyện Ba Chẽ": (7, 13)}
# One number of households that gives all six printed rates as whole households; where a rate is given twice, the
# second is by Quảng Ninh's own standard.
BA_CHE_HOUSEHOLDS = 5_620
BA_CHE_POOR = {
    "Số hộ nghèo cuối năm 2021": 196,
    "Số hộ nghèo cuối năm 2022": 35,
    "Số hộ nghèo 15/8/2023 (chuẩn tỉnh)": 26,
    "Số hộ cận nghèo 15/8/2023 (chuẩn tỉnh)": 122,
    "Số hộ nghèo 15/8/2023 (chuẩn trung ương)": 15,
    "Số hộ cận nghèo 15/8/2023 (chuẩn trung ương)": 50,
}
PROJECTS = (
    ("Đường liên xã (minh hoạ)", 41_200),
    ("Cầu qua suối (minh hoạ)", 18_600),
    ("Trường học liên cấp (minh hoạ)", 24_300),
    ("Cấp nước sinh hoạt tập trung (minh hoạ)", 15_900),
    ("Kênh mương nội đồng (minh hoạ)", 11_700),
    ("Nhà văn hoá thôn (minh hoạ)", 7_800),
)


def ba_che(units: pd.DataFrame) -> dict[str, list[dict[str, object]]]:
    """Choose which indicators are unmet so that the printed scores come out, and spread the poor households."""
    random = np.random.default_rng(SEED)
    folder = "ba-che-2023"
    local = CASES / folder
    sets = {
        "nang-cao": (read_ruleset("ntm-advanced-2021"), ADVANCED_UNMET),
        "kieu-mau": (read_ruleset(local / "ntm-kieu-mau-quang-ninh.yaml"), MODEL_UNMET),
        "huyen-nang-cao": (read_ruleset(local / "ntm-huyen-nang-cao.yaml"), DISTRICT_UNMET),
    }
    codes = dict(zip(units["commune_name"], units.index, strict=True))
    tables: dict[str, list[dict[str, object]]] = {}
    for name, (rules, unmet) in sets.items():
        rows: list[dict[str, object]] = []
        for unit, (criteria, indicators) in unmet.items():
            who = {"district_name": unit} if unit.startswith("Huyện") else _unit(units, codes[unit])
            wrong = _choose_unmet(rules, criteria, indicators, random)
            rows += [
                who | {"code": code, "answer": "chưa đạt" if indicator in wrong else "đạt"}
                for indicator, leaves_ in indicators_of(rules).items()
                for code in leaves_
            ]
        tables[f"{folder}/danh-gia-{name}-minh-hoa.csv"] = rows
    town = (units["kind"] == "thị trấn").to_numpy()
    households = apportion(random.lognormal(0, 0.4, len(units)) * np.where(town, 1.6, 1.0), BA_CHE_HOUSEHOLDS)
    counts = {
        name: apportion(households * np.where(town, 0.3, 1.0) * random.uniform(0.8, 1.2, len(units)), total)
        for name, total in BA_CHE_POOR.items()
    }
    rates = {
        "Tỷ lệ hộ nghèo (%)": "Số hộ nghèo 15/8/2023 (chuẩn trung ương)",
        "Tỷ lệ hộ cận nghèo (%)": "Số hộ cận nghèo 15/8/2023 (chuẩn trung ương)",
        "Tỷ lệ hộ nghèo theo chuẩn của tỉnh": "Số hộ nghèo 15/8/2023 (chuẩn tỉnh)",
        "Tỷ lệ hộ cận nghèo theo chuẩn của tỉnh": "Số hộ cận nghèo 15/8/2023 (chuẩn tỉnh)",
    }
    tables[f"{folder}/ho-minh-hoa.csv"] = [
        {
            "Mã xã": code,
            "Tên xã": unit["commune_name"],
            "Số hộ": int(households[at]),
            **{name: int(values[at]) for name, values in counts.items()},
            **{name: round(100 * counts[of][at] / households[at], 2) for name, of in rates.items()},
        }
        for at, (code, unit) in enumerate(units.iterrows())
    ]
    tables[f"{folder}/von-minh-hoa.csv"] = [
        {"project_name": name, "district_name": "Huyện Ba Chẽ", "year": 2023, "allocated_million_vnd": amount}
        for name, amount in PROJECTS
    ]
    return tables


def indicators_of(rules: RuleSet) -> dict[tuple[str, str], list[str]]:
    """Name the codes under which each counted indicator of a scored set is assessed, by criterion and indicator."""
    found: dict[tuple[str, str], list[str]] = {}
    for criterion in rules.criteria:
        for leaf in leaves(criterion):
            indicator = leaf.of_indicator or leaf.code or leaf.id
            found.setdefault((criterion.no, indicator), []).append(leaf.code or leaf.id)
    return found


def _choose_unmet(rules: RuleSet, criteria: int, indicators: int, random: np.random.Generator) -> set[tuple[str, str]]:
    """Choose unmet indicators in just so many criteria, at least one in each."""
    by_criterion: dict[str, list[tuple[str, str]]] = {}
    for indicator in indicators_of(rules):
        by_criterion.setdefault(indicator[0], []).append(indicator)
    sizes = {no: len(found) for no, found in by_criterion.items()}
    while True:
        chosen = sorted(random.choice(sorted(sizes), criteria, replace=False))
        if sum(sizes[no] for no in chosen) >= indicators:
            break
    wrong = {by_criterion[no][int(random.integers(sizes[no]))] for no in chosen}
    others = [each for no in chosen for each in by_criterion[no] if each not in wrong]
    return wrong | {others[at] for at in random.choice(len(others), indicators - criteria, replace=False)}


WORKS = {
    "giao thông": ("km đường", 1.6),
    "cầu": ("cầu", 0.5),
    "nhà ở": ("nhà", 14.0),
    "nước sạch": ("công trình", 0.7),
    "nhà vệ sinh": ("công trình", 22.0),
}


def _works(units: pd.DataFrame, random: np.random.Generator, remote: np.ndarray) -> list[dict[str, object]]:
    """Draw works of the five kinds that the article names, in the communes of the two priority districts."""
    rows = []
    for at, (code, unit) in enumerate(units.iterrows()):
        if unit["district_name"] not in PRIORITY:
            continue
        for kind, (measure, mean) in WORKS.items():
            quantity = int(random.poisson(mean * np.exp(0.4 * np.clip(remote[at], -1, 2))))
            rows.append(
                _unit(units, code)
                | {"loai_cong_trinh": kind, "don_vi_tinh": measure, "so_luong": quantity, "nam": 2024}
            )
    return rows


def apportion(weights: np.ndarray, total: int, *, most: np.ndarray | None = None) -> np.ndarray:
    """Share a whole number out by weights: the largest remainders round up, nobody gets more than ``most``."""
    room = np.full(len(weights), total) if most is None else np.asarray(most)
    if room.sum() < total:
        raise ValueError("there is no room for the total")
    given = np.zeros(len(weights), dtype=int)
    while (left := total - given.sum()) > 0:
        free = np.where(given < room, weights, 0.0)
        exact = left * free / free.sum()
        part = np.minimum(np.floor(exact).astype(int), room - given)
        if part.sum() == 0:
            order = np.argsort(-(exact - np.floor(exact)), kind="stable")
            open_ = [at for at in order if given[at] < room[at] and free[at] > 0][:left]
            part[open_] = 1
        given += part
    return given


def _unit(units: pd.DataFrame, code: str) -> dict[str, object]:
    unit = units.loc[code]
    return {"commune_code": code, "commune_name": unit["commune_name"], "district_name": unit["district_name"]}


def _yes(answer: bool) -> str:
    return "có" if answer else "không"


def write(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write rows as UTF-8 CSV; an unknown cell is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(_cells(row, names) for row in rows)


def _cells(row: Mapping[str, object], names: Iterable[str]) -> list[object]:
    return ["" if row.get(name) is None else row[name] for name in names]


if __name__ == "__main__":
    main()
