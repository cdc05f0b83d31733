"""Carry the research's name lists and published totals over into ``src/geontm/data/facts``, once and checked.

Usage::

    python docs/law/build_lists.py FOLDER      # the folder that holds lists/*.csv and totals.csv

One source table may answer several rule sets; each answer becomes a list of its own, because an official list has one
answer. Names get their kind in front, as in the register of the day; a row that the register does not know stops the
script. What a source leaves open (``unknown``) is no row of the list. Nothing else is added, with two exceptions, both
stated in the row: names that a source prints without diacritics are written as in the register if exactly one unit of
the province has that spelling, and the 38 units that a source of Điện Biên counts without naming them ("every other
unit is region III") are named from the register.
"""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
FACTS = ROOT / "src" / "geontm" / "data" / "facts"
KINDS = {"commune": "Xã", "ward": "Phường", "township": "Thị trấn", "special_zone": "Đặc khu"}
YES = {"yes": "có", "no": "không"}
WITHOUT_DIACRITICS = 'Nguồn in không dấu: "{name}"; tên viết theo danh mục đơn vị hành chính.'
BY_DIFFERENCE = "Theo phép trừ: nguồn ghi mọi đơn vị khác của tỉnh (38) đều ở khu vực III; tên theo danh mục."
# The one unit of its district that is left when the others have found theirs.
SPELT_OTHERWISE = {"Xã Thần Sa": "Xã Thần Xa"}
SPELT = 'Nguồn viết "{name}".'
REGION, BORDER, MOUNTAINOUS, DIFFICULT = "Khu vực", "Xã biên giới", "Xã miền núi", "Xã đặc biệt khó khăn"
VILLAGES, HAS_VILLAGES = "Số thôn đặc biệt khó khăn", "Có thôn đặc biệt khó khăn"
NOTES = {
    "no village number printed": "Nguồn không in số thôn.",
    "not on the list of 13": "Không có trong danh sách 13 xã, đặc khu miền núi.",
    "island unit, no land border": "Đơn vị trên đảo, không có biên giới đất liền.",
    "by difference: not in the list of 32": "Theo phép trừ: không có trong danh sách 32 xã; chưa rõ khu vực I hay II.",
    "name restored from a source printed without diacritics": "Tên khôi phục dấu từ nguồn in không dấu.",
    "name as printed, without diacritics": "",
    "every other unit of the province (38) is region III": "",
    "the only five communes of the area in Hà Nội": "Hà Nội chỉ có năm xã này thuộc vùng.",
    "not on the list of 13; near the border, whether it touches the line was not seen":
        "Không có trong danh sách 13 xã, đặc khu miền núi.",
    "region verified because the source puts all 53 communes in region III; the name comes from public lists of the "
    "units formed in July 2025": "Nguồn xếp cả 53 xã vào khu vực III; tên lấy từ danh mục đơn vị lập tháng 7/2025.",
}  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One list to make: from which table and column, what it answers, and what it is complete for."""

    source: str
    column: str
    header: str
    ruleset: str
    period: str
    province: str
    scope: str
    label: tuple[str, str]
    document: str = ""
    date: str = ""
    units_of: str = "2025-07-01"
    districts: tuple[str, ...] = ()
    complete: bool = False
    every_unit: bool = False


_R26 = "60/QĐ-BDTTG"
LISTS = {
    "region-2026-cao-bang": Made(
        "region-2026-cao-bang", "region", REGION, "region-2026", "2026-2030", "04", "Cao Bằng",
        ("Khu vực I, II, III tỉnh Cao Bằng", "Regions I, II, III of Cao Bằng"),
        document=_R26, date="2026-01-29", complete=True, every_unit=True),
    "region-2026-dien-bien": Made(
        "region-2026-dien-bien", "region", REGION, "region-2026", "2026-2030", "11", "Điện Biên",
        ("Khu vực I, II, III tỉnh Điện Biên", "Regions I, II, III of Điện Biên"),
        document="Quyết định số 46 (tỉnh Điện Biên)", complete=True, every_unit=True),
    "region-2026-ha-noi": Made(
        "region-2026-ha-noi", "region", REGION, "region-2026", "2026-2030", "01", "Hà Nội",
        ("Xã khu vực I của Hà Nội", "Region I communes of Hà Nội"),
        document="201/QĐ-UBND năm 2026 (Hà Nội)", complete=True),
    "region-2026-lai-chau": Made(
        "region-2026-lai-chau", "region", DIFFICULT, "region-2026", "2026-2030", "12", "Lai Châu",
        ("Xã đặc biệt khó khăn (khu vực III) tỉnh Lai Châu", "Extremely difficult (region III) communes of Lai Châu"),
        document=_R26, date="2026-01-29", complete=True, every_unit=True),
    "villages-2026-lang-son": Made(
        "region-2026-lang-son", "has_dbkk_villages", HAS_VILLAGES, "", "2026-2030", "20", "Lạng Sơn",
        ("Xã, phường có thôn đặc biệt khó khăn, tỉnh Lạng Sơn", "Units with extremely difficult villages, Lạng Sơn"),
        document="Quyết định ngày 29/01/2026 (tỉnh Lạng Sơn)", date="2026-01-29", complete=True, every_unit=True),
    "mountainous-2026-quang-ninh": Made(
        "mountainous-2026-quang-ninh", "mountainous", MOUNTAINOUS, "mountainous-2026", "2026-2030", "22", "Quảng Ninh",
        ("Xã, đặc khu miền núi tỉnh Quảng Ninh", "Mountainous communes of Quảng Ninh"),
        document="4495/QĐ-UBND năm 2025 (tỉnh Quảng Ninh)", complete=True, every_unit=True),
    "dbkk-2021-cao-bang": Made(
        "dbkk-2021-cao-bang", "region", REGION, "dbkk-2021", "2021-2025", "04", "Cao Bằng",
        ("Khu vực I, II, III của ba huyện tỉnh Cao Bằng", "Regions of three districts of Cao Bằng"),
        document="861/QĐ-TTg", date="2021-06-04", units_of="2020-03-01",
        districts=("Huyện Bảo Lâm", "Huyện Quảng Hòa", "Huyện Trùng Khánh")),
    "dbkk-2016-thai-nguyen-vo-nhai": Made(
        "dbkk-2016-thai-nguyen-vo-nhai", "region", REGION, "dbkk-2016", "2016-2020", "19", "Thái Nguyên",
        ("Khu vực và số thôn đặc biệt khó khăn, huyện Võ Nhai", "Regions and villages of Võ Nhai district"),
        document="582/QĐ-TTg", date="2017-04-28", units_of="2025-06-30", districts=("Huyện Võ Nhai",)),
    "border-2025-tuyen-quang": Made(
        "border-tuyen-quang", "border", BORDER, "border", "from 2025-07", "08", "Tuyên Quang",
        ("Xã biên giới tỉnh Tuyên Quang", "Border communes of Tuyên Quang"), complete=True),
    "border-2025-lao-cai": Made(
        "border-lao-cai", "border", BORDER, "border", "from 2025-07", "15", "Lào Cai",
        ("Xã, phường biên giới tỉnh Lào Cai", "Border communes and ward of Lào Cai"), complete=True),
    "border-2025-nghe-an": Made(
        "border-nghe-an", "border", BORDER, "border", "from 2025-07", "40", "Nghệ An",
        ("Xã biên giới tỉnh Nghệ An", "Border communes of Nghệ An"), complete=True),
    "border-2025-quang-ninh": Made(
        "mountainous-2026-quang-ninh", "border", BORDER, "border", "from 2025-07", "22", "Quảng Ninh",
        ("Xã biên giới tỉnh Quảng Ninh theo chương trình trường học", "Border communes of Quảng Ninh (schools)")),
    "border-2025-cao-bang": Made(
        "region-2026-cao-bang", "border", BORDER, "border", "from 2025-07", "04", "Cao Bằng",
        ("Ba xã biên giới tỉnh Cao Bằng đã biết tên", "Three border communes of Cao Bằng known by name")),
    "border-2025-lang-son": Made(
        "region-2026-lang-son", "border", BORDER, "border", "from 2025-07", "20", "Lạng Sơn",
        ("Hai xã biên giới tỉnh Lạng Sơn đã biết tên", "Two border communes of Lạng Sơn known by name")),
    "border-2025-ha-noi": Made(
        "region-2026-ha-noi", "border", BORDER, "border", "from 2025-07", "01", "Hà Nội",
        ("Năm xã không có biên giới đất liền của Hà Nội", "Five communes of Hà Nội without a land border")),
    "border-2016-thai-nguyen-vo-nhai": Made(
        "dbkk-2016-thai-nguyen-vo-nhai", "border", BORDER, "border", "2016-2020", "19", "Thái Nguyên",
        ("Huyện Võ Nhai không có biên giới đất liền", "Võ Nhai district has no land border"),
        units_of="2025-06-30", districts=("Huyện Võ Nhai",)),
}  # fmt: skip


def main() -> None:
    """Write every list, the index of lists and the totals."""
    folder = Path(sys.argv[1])
    index: dict[str, Any] = {}
    for name, made in LISTS.items():
        rows = list(_rows(made, folder / "lists" / f"{made.source}.csv"))
        filled = [column for column in rows[0] if any(row[column] for row in rows)]
        _write(FACTS / "lists" / f"{name}.csv", [{column: row[column] for column in filled} for row in rows])
        index[name] = _described(made, rows)
    head = "# The lists of names that geontm brings along; made by docs/law/build_lists.py, which says how.\n"
    text = yaml.safe_dump(index, allow_unicode=True, sort_keys=False, width=140)
    (FACTS / "lists" / "lists.yaml").write_text(head + text, encoding="utf-8")
    with (folder / "totals.csv").open(encoding="utf-8", newline="") as stream:
        _write(FACTS / "published-totals.csv", list(csv.DictReader(stream)))


def _register(made: Made) -> pd.DataFrame:
    """Units of the list's province and districts on its day: ``name`` (in full), ``bare``, ``district_name``."""
    if made.units_of >= "2025-07-01":
        units = pd.read_parquet(ROOT / "boundaries" / "schematic-communes-2025.parquet").drop(columns="geometry")
        units["district_name"] = ""
    elif made.units_of == "2025-06-30":
        units = pd.read_parquet(ROOT / "boundaries" / "units-2024.parquet")
    else:
        units = pd.read_parquet(ROOT / "boundaries" / "units-cases.parquet")
        day = made.units_of
        units = units[(units["valid_from"].astype(str) <= day) & (units["valid_to"].astype(str) >= day)]
    units = units[units["province_code"] == made.province]
    if made.districts:
        units = units[units["district_name"].isin(made.districts)]
    return units[["commune_code", "commune_name", "district_name", "province_name"]].astype("str")


def _rows(made: Made, path: Path) -> Iterator[dict[str, str]]:
    units = _register(made)
    with path.open(encoding="utf-8", newline="") as stream:
        source = list(csv.DictReader(stream))
    named: set[str] = set()
    for row in source:
        if row["status"] != "verified":
            raise SystemExit(f"{path.name}: {row['commune_name']} is {row['status']}")
        unit, note = _unit(units, row, made)
        named.add(unit["commune_code"])
        if (answer := _answer(row[made.column], made.header)) is not None:
            yield _row(made, unit, answer, NOTES[row["note"]] if row["note"] else "", row, note)
    if len(named) != len(source):
        raise SystemExit(f"{path.name}: two rows name the same unit")
    if made.source == "region-2026-dien-bien":
        rest = units[~units["commune_code"].isin(named)]
        if len(rest) != 38:
            raise SystemExit(f"{path.name}: {len(rest)} other units, not 38")
        for unit in rest.to_dict("records"):
            yield _row(made, unit, "III", BY_DIFFERENCE, source[0], "")
    elif made.every_unit and len(named) != len(units):
        raise SystemExit(f"{path.name}: {len(named)} of {len(units)} units")


def _row(
    made: Made, unit: Mapping[str, str], answer: str, note: str, source: Mapping[str, str], more: str
) -> dict[str, str]:
    row = {"Mã xã": unit["commune_code"], "Tên xã": unit["commune_name"]}
    if made.districts:
        row["Huyện"] = unit["district_name"]
    row |= {"Tỉnh": unit["province_name"], made.header: answer}
    if made.source.startswith("dbkk-2016") and made.column == "region":
        row[VILLAGES] = source["dbkk_villages"]
    day = "/".join(reversed(made.date.split("-"))) if made.date else ""
    return row | {
        "Văn bản": made.document,
        "Ngày văn bản": day,
        "Nguồn": source["source"],
        "Ghi chú": " ".join(filter(None, (note, more))),
    }


def _unit(units: pd.DataFrame, row: Mapping[str, str], made: Made) -> tuple[dict[str, str], str]:
    """Find the unit that a row names; the note tells where its spelling is the register's."""
    here = units
    if row["district_or_blank"]:
        here = here[here["district_name"].map(_bare) == row["district_or_blank"]]
    full = f"{KINDS[row['unit_type']]} {row['commune_name']}"
    register_name = SPELT_OTHERWISE.get(full, full)
    plain = "without diacritics" in row["note"] and made.source == "border-nghe-an"
    same = here[
        here["commune_name"].map(_folded if plain else _toneless) == (_folded if plain else _toneless)(register_name)
    ]
    if len(same) != 1:
        raise SystemExit(f"{made.source}: {len(same)} units are called {full}")
    unit = {str(key): str(value) for key, value in same.iloc[0].items()}
    if register_name != full:
        return unit, SPELT.format(name=row["commune_name"])
    return unit, WITHOUT_DIACRITICS.format(name=row["commune_name"]) if plain else ""


def _bare(district: str) -> str:
    return next(
        (district.removeprefix(f"{kind} ") for kind in ("Huyện", "Thị xã") if district.startswith(kind)), district
    )


def _folded(text: str) -> str:
    """Return a name without any diacritics."""
    apart = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def _toneless(text: str) -> str:
    """Return a name that is the same wherever the tone mark stands (Hòa, Hoà) and however it is composed."""
    apart = unicodedata.normalize("NFD", text)
    tones = "\u0300\u0301\u0303\u0309\u0323"
    return "".join(letter for letter in apart if letter not in tones).casefold() + "".join(
        sorted(letter for letter in apart if letter in tones)
    )


def _answer(value: str, header: str) -> str | None:
    if header == DIFFICULT:
        return {"III": "có", "I or II": "không"}[value]
    if header == REGION:
        return None if value == "unknown" else {"I": "I", "II": "II", "III": "III"}[value]
    return None if value == "unknown" else YES[value]


def _described(made: Made, rows: list[dict[str, str]]) -> dict[str, Any]:
    """Describe a list: what it answers, for which units and days, and whether it names every unit that counts."""
    entry: dict[str, Any] = {"label": dict(zip(("vi", "en"), made.label, strict=True))}
    if made.ruleset:
        entry["ruleset"] = made.ruleset
    entry |= {"column": made.header, "rows": len(rows), "period": made.period, "scope": made.scope}
    entry |= {"units_of": made.units_of, "covers": [made.province]}
    if made.districts:
        entry["districts"] = list(made.districts)
    entry |= {"complete": made.complete, "every_unit": made.every_unit}
    if made.document:
        entry["document"] = made.document
    if made.date:
        entry["date"] = made.date
    entry["sources"] = sorted({part.strip() for row in rows for part in row["Nguồn"].split(" ; ")})
    return entry


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
