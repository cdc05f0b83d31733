"""Build the tables of the cases Hà Giang 2018 and Cao Bằng under Decision 1385: constructed ones, and extracts.

Usage::

    python boundaries/build_cases_mountains.py [--out DIR]

Constructed tables end in ``-minh-hoa.csv``: they choose which units, and how a printed total spreads over them. What is
real in them comes from the register of the day, the measured borders and the documents of merger, so that a printed
number may still fail to come out. The same seed gives the same tables.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from build_cases import CASES, apportion, read_units, units_on, write

HERE = Path(__file__).resolve().parent
FACTS = CASES.parent / "facts"
SEED = 1385
Rows = list[dict[str, object]]

# Hà Giang, end of 2018. 1,874 criteria over 177 communes print as 10.59 each.
HA_GIANG, HA_GIANG_DAY = "02", "2018-12-31"
CRITERIA, CRITERIA_SUM, NTM, NTM_BORDER = 19, 1_874, 33, 2
REGIONS = {"I": 16, "II": 45, "III": 134}  # of all 195 units, Decision 582/QĐ-TTg
# How hard each criterion is to meet in the mountains: roads, housing, income, poverty and environment come last.
HARD = {2: 4.0, 9: 3.0, 10: 4.0, 11: 4.0, 17: 4.0, 6: 2.5, 5: 2.0, 3: 1.5, 13: 1.5, 15: 1.5}

# Cao Bằng under Decision 1385, before and after the mergers of 2020.
CAO_BANG, BEFORE, AFTER = "04", "2018-10-21", "2020-12-01"
COMMUNES, DISTRICTS, VILLAGES = (36, 32), (8, 6), (448, 294)
# 9.6 criteria per village, of 448 villages and of 294.
VILLAGE_CRITERIA = (4_301, 2_822)
VILLAGES_NTM_TARGET, AGENCIES, FLOOR = 40, 70, 10


def main() -> None:
    """Write every table."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--out", type=Path, default=CASES)
    out = arguments.parse_args().out
    for name, table in build(read_units()).items():
        write(table, out / name)


def build(units: pd.DataFrame) -> dict[str, Rows]:
    """Build all tables: path under the cases' folder to rows."""
    return {**ha_giang(units_on(units, HA_GIANG_DAY, HA_GIANG)), **cao_bang(units)}


def border_units(table: str) -> set[str]:
    """Return the codes of the units that were measured on the land border."""
    return set(pd.read_csv(FACTS / f"{table}.csv", dtype={"commune_code": "str"})["commune_code"])


def ha_giang(units: pd.DataFrame) -> dict[str, Rows]:
    """Choose region, recognised communes and met criteria of Hà Giang's units so that the printed numbers come out."""
    random = np.random.default_rng(SEED)
    communes = units[units["kind"] == "xã"]
    border = communes.index.isin(border_units("border-2018"))
    # The article counts all border communes among the extremely difficult ones; the others are drawn.
    others = list(communes.index[~border])
    difficult = {*communes.index[border], *random.choice(others, REGIONS["III"] - int(border.sum()), replace=False)}
    easier = [code for code in others if code not in difficult]
    recognised = {
        *random.choice(list(communes.index[border]), NTM_BORDER, replace=False),
        *random.choice(easier, NTM - NTM_BORDER, replace=False),
    }
    second = set(random.choice(sorted(set(units.index) - difficult), REGIONS["II"], replace=False))
    met = _criteria_counts(communes, difficult, recognised, random)
    assessed: Rows = []
    for code, unit in communes.iterrows():
        unmet = _unmet(CRITERIA - met[code], random)
        assessed += [
            {
                "commune_code": code,
                "commune_name": unit["commune_name"],
                "code": number,
                "answer": "chưa đạt" if number in unmet else "đạt",
            }
            for number in range(1, CRITERIA + 1)
        ]
    folder = "ha-giang-2018"
    return {
        f"{folder}/xa-minh-hoa.csv": [
            {
                "Mã xã": code,
                "Tên xã": unit["commune_name"],
                "Huyện": unit["district_name"],
                "Khu vực (minh hoạ)": "III" if code in difficult else "II" if code in second else "I",
                "Xã đặc biệt khó khăn": "có" if code in difficult else "không",
                "Số tiêu chí đạt": met.get(code),
            }
            for code, unit in units.iterrows()
        ],
        f"{folder}/danh-gia-ntm-minh-hoa.csv": assessed,
        f"{folder}/xa-dat-chuan-minh-hoa.csv": [
            {
                "commune_code": code,
                "commune_name": units.loc[code, "commune_name"],
                "district_name": units.loc[code, "district_name"],
                "measure": "ntm",
                "date": HA_GIANG_DAY,
            }
            for code in sorted(recognised)
        ],
    }


def _criteria_counts(
    communes: pd.DataFrame, difficult: set[str], recognised: set[str], random: np.random.Generator
) -> dict[str, int]:
    """Share the criteria met out: all of them to the recognised communes, at most all but one to the others."""
    rest = [code for code in communes.index if code not in recognised]
    weight = np.array([0.75 if code in difficult else 1.25 for code in rest]) * random.lognormal(0, 0.25, len(rest))
    most = np.full(len(rest), CRITERIA - 1)
    given = apportion(weight, CRITERIA_SUM - CRITERIA * len(recognised), most=most)
    return dict.fromkeys(sorted(recognised), CRITERIA) | dict(zip(rest, map(int, given), strict=True))


def _unmet(number: int, random: np.random.Generator) -> set[int]:
    chances = np.array([HARD.get(criterion, 1.0) for criterion in range(1, CRITERIA + 1)])
    drawn = random.choice(np.arange(1, CRITERIA + 1), number, replace=False, p=chances / chances.sum())
    return {int(criterion) for criterion in drawn}


def cao_bang(units: pd.DataFrame) -> dict[str, Rows]:
    """Choose the communes of the scheme, and build their villages before and after the mergers."""
    random = np.random.default_rng(SEED)
    before, after = units_on(units, BEFORE, CAO_BANG), units_on(units, AFTER, CAO_BANG)
    became = successors(before)
    chosen = choose_communes(before, after, became, random)
    new_codes = sorted({became[code]["new_code"] for code in chosen})
    villages = _villages(before, chosen, became, random)
    counts = _commune_criteria(new_codes, random)
    folder = "cao-bang-1385"
    return {
        f"{folder}/don-vi-2018.csv": [
            {"Mã": code, "Tên đơn vị": unit["commune_name"], "Loại": unit["kind"], "Huyện": unit["district_name"]}
            for code, unit in before.iterrows()
        ],
        f"{folder}/danh-sach-minh-hoa.csv": [
            _unit(before, code) | {"status": "Xã thuộc Đề án 1385", "date": BEFORE} for code in chosen
        ],
        f"{folder}/thon-trong-de-an-minh-hoa.csv": [
            {
                "unit_level": "village",
                "commune_code": village["old_commune"],
                "commune_name": before.loc[str(village["old_commune"]), "commune_name"],
                "village_name": village["old"],
                "status": "Thôn thuộc Đề án 1385",
                "date": BEFORE,
            }
            for village in villages
        ],
        f"{folder}/sap-nhap-xa.csv": _commune_mergers(before, after, chosen, became),
        f"{folder}/thon-minh-hoa.csv": _village_table(before, after, villages),
        f"{folder}/thon-sau-sap-nhap-minh-hoa.csv": _merged_table(after, villages),
        f"{folder}/sap-nhap-thon-minh-hoa.csv": [
            {
                "unit_level": "village",
                "old_name": village["old"],
                "old_commune": village["old_commune"],
                "new_name": village["new"],
                "new_commune": village["new_commune"],
                "date": "2020-03-01",
                "document": "số liệu minh hoạ",
            }
            for village in villages
        ],
        f"{folder}/danh-gia-xa-minh-hoa.csv": [
            {
                "commune_code": code,
                "commune_name": after.loc[code, "commune_name"],
                "code": number,
                "answer": "chưa đạt" if number in unmet else "đạt",
            }
            for code, unmet in ((code, _unmet(CRITERIA - counts[code], random)) for code in new_codes)
            for number in range(1, CRITERIA + 1)
        ],
        f"{folder}/tieu-chi-xa-minh-hoa.csv": [
            _unit(after, code) | {"indicator": "criteria_met_count", "year": 2020, "value": counts[code]}
            for code in new_codes
        ],
        f"{folder}/don-vi-do-dau-minh-hoa.csv": _agencies(after, new_codes),
    }


def successors(before: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return what became of each unit of 2018: ``new_code``, and date and document where it changed."""
    table = pd.read_csv(HERE / "succession-cases.csv", dtype="str")
    table = table[(table["level"] == "commune") & (table["province_code"] == CAO_BANG) & (table["date"] <= AFTER)]
    became = {str(code): {"new_code": str(code), "date": "", "document": ""} for code in before.index}
    for row in table[table["part"] != "rest"].to_dict("records"):
        became[row["old_code"]] = {name: str(row[name]) for name in ("new_code", "date", "document")}
    return became


def choose_communes(
    before: pd.DataFrame, after: pd.DataFrame, became: dict[str, dict[str, str]], random: np.random.Generator
) -> list[str]:
    """Choose 36 communes on the border, of 8 districts, that the real mergers make 32 communes of 6 districts.

    Drawn again and again until a draw fits; if none does, the printed numbers and the mergers contradict each other.
    """
    on_border = before[before.index.isin(border_units("border-2018")) & (before["kind"] == "xã")]
    districts = sorted(on_border["district_name"].unique())
    for _ in range(10_000):
        named = random.choice(districts, DISTRICTS[0], replace=False)
        codes = list(on_border.index[on_border["district_name"].isin(named)])
        if len(codes) < COMMUNES[0]:
            continue
        kept = sorted(random.choice(codes, COMMUNES[0], replace=False))
        new = sorted({became[code]["new_code"] for code in kept})
        counts = (len(new), before.loc[kept, "district_name"].nunique(), after.loc[new, "district_name"].nunique())
        if counts == (COMMUNES[1], *DISTRICTS):
            return [str(code) for code in kept]
    raise SystemExit("no choice of border communes gives the printed numbers")


def _unit(units: pd.DataFrame, code: str) -> dict[str, object]:
    unit = units.loc[code]
    return {"commune_code": code, "commune_name": unit["commune_name"], "district_name": unit["district_name"]}


def _commune_mergers(
    before: pd.DataFrame, after: pd.DataFrame, chosen: list[str], became: dict[str, dict[str, str]]
) -> Rows:
    """List every commune of the scheme that changed code or name, by its document."""
    rows: Rows = []
    for code in chosen:
        change = became[code]
        if not change["date"]:
            continue
        rows.append(
            {
                "unit_level": "commune",
                "old_code": code,
                "old_name": before.loc[code, "commune_name"],
                "new_code": change["new_code"],
                "new_name": after.loc[change["new_code"], "commune_name"],
                "date": change["date"],
                "document": change["document"],
            }
        )
    return rows


def _villages(
    before: pd.DataFrame, chosen: list[str], became: dict[str, dict[str, str]], random: np.random.Generator
) -> list[dict[str, str | int]]:
    """Spread 448 villages over the communes, join neighbours to 294, and give each the criteria that it met.

    A joined village meets what its weakest part meets, so that both printed means (of 448 and of 294) can be held.
    """
    size = apportion(random.lognormal(0, 0.25, len(chosen)), VILLAGES[0])
    joined = apportion(size * random.uniform(0.9, 1.1, len(chosen)), VILLAGES[1], most=size - 1)
    groups: list[list[dict[str, str | int]]] = []
    for at, code in enumerate(chosen):
        parts = _parts(int(size[at]), int(joined[at]), random)
        number = 0
        for group, n in enumerate(parts, start=1):
            members: list[dict[str, str | int]] = []
            for _ in range(n):
                number += 1
                members.append(
                    {
                        "old": f"Thôn minh hoạ {number}",
                        "old_commune": code,
                        "new": f"Thôn minh hoạ {group} ({before.loc[code, 'commune_name'].removeprefix('Xã ')})",
                        "new_commune": became[code]["new_code"],
                    }
                )
            groups.append(members)
    sizes = np.array([len(group) for group in groups])
    weakest = _weakest(sizes, random)
    spare = VILLAGE_CRITERIA[0] - int((weakest * sizes).sum())
    for group, low in zip(groups, weakest, strict=True):
        for position, village in enumerate(group):
            more = min(spare, 2) if position else 0
            spare -= more
            village |= {"criteria": int(low) + more, "criteria_after": int(low)}
    if spare:
        raise SystemExit(f"{spare} criteria find no village")
    return [village for group in groups for village in group]


def _parts(villages: int, groups: int, random: np.random.Generator) -> list[int]:
    """Divide villages into so many groups of neighbours, of three at most as far as that goes."""
    sizes = np.ones(groups, dtype=int)
    for _ in range(villages - groups):
        small = np.flatnonzero(sizes == sizes.min() if (sizes >= 3).all() else sizes < 3)
        sizes[random.choice(small)] += 1
    return [int(size) for size in sizes]


def _weakest(sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Give each joined village its criteria: 2,822 in all, and not more than 4,301 over the villages before."""
    weakest = 4 + apportion(
        random.lognormal(0, 0.35, len(sizes)), VILLAGE_CRITERIA[1] - 4 * len(sizes), most=np.full(len(sizes), 14)
    )
    lone, several = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
    while int((weakest * sizes).sum()) > VILLAGE_CRITERIA[0]:
        # Moving a criterion from a joined village to a lone one keeps the sum of 294 and lowers that of 448.
        weakest[several[np.argmax(weakest[several])]] -= 1
        weakest[lone[np.argmin(weakest[lone])]] += 1
    return weakest


def _village_table(before: pd.DataFrame, after: pd.DataFrame, villages: list[dict[str, str | int]]) -> Rows:
    return [
        {
            "Mã xã cũ": village["old_commune"],
            "Xã cũ": before.loc[village["old_commune"], "commune_name"],
            "Huyện cũ": before.loc[village["old_commune"], "district_name"],
            "Thôn cũ": village["old"],
            "Số tiêu chí khi khảo sát": village["criteria"],
            "Mã xã mới": village["new_commune"],
            "Xã mới": after.loc[village["new_commune"], "commune_name"],
            "Huyện mới": after.loc[village["new_commune"], "district_name"],
            "Thôn mới": f"{village['new_commune']} {village['new']}",
            "Số tiêu chí sau sáp nhập": village["criteria_after"],
            "Chênh lệch": int(village["criteria"]) - int(village["criteria_after"]),
        }
        for village in villages
    ]


def _merged_table(after: pd.DataFrame, villages: list[dict[str, str | int]]) -> Rows:
    merged: dict[tuple[object, object], list[int]] = {}
    for village in villages:
        merged.setdefault((village["new_commune"], village["new"]), []).append(int(village["criteria"]))
    return [
        {
            "Mã xã": code,
            "Tên xã": after.loc[code, "commune_name"],
            "Huyện": after.loc[code, "district_name"],
            "Tên thôn": name,
            "Số tiêu chí đạt": min(parts),
        }
        for (code, name), parts in sorted(merged.items())
    ]


def _commune_criteria(codes: list[str], random: np.random.Generator) -> dict[str, int]:
    """Give the communes of the scheme the criteria they met: all of them to one, and some still under the floor."""
    first = str(random.choice(codes))
    drawn = np.clip(np.round(random.normal(12.2, 2.4, len(codes))), 7, CRITERIA - 2).astype(int)
    return dict(zip(codes, map(int, drawn), strict=True)) | {first: CRITERIA}


def _agencies(after: pd.DataFrame, codes: list[str]) -> Rows:
    """Let 70 agencies help the communes in turn."""
    return [
        {"agency": f"Đơn vị giúp đỡ {number + 1:02d} (minh hoạ)", **_unit(after, codes[number % len(codes)])}
        for number in range(AGENCIES)
    ]


if __name__ == "__main__":
    main()
