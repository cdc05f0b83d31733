"""Reads a table of households: classes, deprivations and income by household code; personal data are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from geontm.errors import TableError
from geontm.load.lower_figures import read_figures, text_column
from geontm.load.lower_tables import LowerSource, LowerTable, RawTable, name_rows, narrow_identifiers, read_raw
from geontm.load.meanings import IDENTITY
from geontm.tables import Column, Issue, Table
from geontm.tables.columns import spelling_key

__all__ = ["is_personal", "of_standard", "read_household_table", "standard_years"]

# Words of a header, without case and punctuation, that stand for what identifies a person.
_PERSONAL = re.compile(
    r"\b(?:họ (?:và )?(?:tên|đệm)|ho (?:va )?ten|hoten|tên (?:chủ|người|thành viên|vợ|chồng|bố|mẹ|cha|con)|"
    r"chủ hộ|chu ho|chuho|"
    r"cccd|cmnd|cmtnd|cmt|căn cước|can cuoc|chứng minh|chung minh|định danh|dinh danh|hộ chiếu|passport|mã số thuế|"
    r"bhxh|số thẻ|so the|"
    r"điện thoại|dien thoai|số đt|sđt|sdt|đt liên hệ|di động|phone|mobile|tel|zalo|email|e mail|facebook|"
    r"địa chỉ|dia chi|address|số nhà|so nha|"
    r"ngày(?: tháng)?(?: năm)? sinh|ngay sinh|năm sinh|nam sinh|sinh năm|sinh ngày|birth|birthday|dob|"
    r"tài khoản|tai khoan|bank account|full name|first name|last name|surname|head of household|household head|"
    r"name of (?:the )?(?:head|person|member)|citizen|national id|id card|identity)\b"
)  # fmt: skip
_YEAR_OF = re.compile(r"^(?:poverty_class|deprivation_count|deprived)_(\d{4})")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_CITIZEN_NUMBER = re.compile(r"\d{12}")


def read_household_table(
    source: LowerSource, *, identifiers: Table, households: Table, standard: str = ""
) -> LowerTable:
    """Read one table of households.

    Parameters
    ----------
    source : LowerSource
    identifiers, households : Table
        Dictionaries: what names a commune; what is said of a household.
    standard : str
        Year of the poverty standard (``"2021"``) that headers without a year belong to; empty: to none.

    Returns
    -------
    LowerTable
        ``rows``: ``household_id`` (the number of the row where the file has none), what names commune and village
        (text), then income (đồng a month), classes, deprivations. No column that identifies a person is in it; each
        such column of the file is an error in ``issues``. Issues quote no cell.

    Raises
    ------
    SourceError, TableError
        See :func:`geontm.load.lower_tables.read_raw`; also where the project file itself names a personal column.
    """
    for header in (*source.columns, *([source.commune] if source.commune else [])):
        if is_personal(header):
            raise TableError("lower.personal_named", where=source.path.name, header=header)
    table = of_standard(households, standard) if standard else households
    raw = read_raw(
        source, narrow_identifiers(identifiers), table, anchors=("household_id", "village_name", "village_code")
    )
    raw, issues = _without_personal(raw)
    texts = {name: text_column(raw, name) for name in (*IDENTITY, "village_code", "village_name") if name in raw.cells}
    figures, found = read_figures(raw, table, quote=False)
    rows = pd.concat([pd.DataFrame(texts, index=raw.cells.index), figures], axis=1)
    said = rows.drop(columns=list(texts)).notna().any(axis=1)
    ids, id_issues = _ids(raw, rows)
    # A total or a note below the table says nothing of a household.
    is_household = said | (ids.notna() & (rows[list(texts)].notna().any(axis=1) if texts else False))
    left = rows.index[~is_household]
    if len(left):
        issues.append(Issue.of("info", "lower.not_a_household", **raw.place, row=name_rows(left), n=len(left)))
    rows.insert(0, "household_id", ids.fillna(pd.Series(rows.index.astype("str"), index=rows.index)).astype("str"))
    rows = rows[is_household]
    if rows.empty:
        raise TableError("sheets.no_rows", where=" / ".join(raw.place.values()), found=", ".join(raw.headers.values()))
    issues += _unnamed_standard(raw, households, standard)
    return LowerTable(source, raw.sheet, rows, raw.headers, (*raw.issues, *issues, *found, *id_issues))


def is_personal(header: str) -> bool:
    """Tell whether a header stands for what identifies a person: a name, a number, a telephone, an address, a birth."""
    return bool(_PERSONAL.search(spelling_key(header.replace("_", " "))))


def standard_years(households: Table) -> tuple[str, ...]:
    """Return the years that tell the poverty standards of the dictionary apart, in order."""
    return tuple(sorted({found[1] for name in households.columns if (found := _YEAR_OF.match(name))}))


def of_standard(households: Table, year: str) -> Table:
    """Let headers without a year mean the columns of one standard: ``Bảo hiểm y tế``, ``Phân loại hộ``."""
    columns = {}
    for name, column in households.columns.items():
        found = _YEAR_OF.match(name)
        columns[name] = _shortened(column, year) if found and found[1] == year else column
    return Table(households.name, households.key, columns)


def _shortened(column: Column, year: str) -> Column:
    bare = [_IN_BRACKETS.sub("", text) for text in (column.label.vi, column.label.en)]
    short = [re.sub(r"^(?:Thiếu hụt|Deprived:)\s+", "", text) for text in bare]
    plain = [text.replace(f"_{year}", "") for text in (column.name, *column.aliases)]
    more = _WITHOUT_YEAR.get(column.name.removesuffix(f"_{year}"), ())
    return replace(column, aliases=(*column.aliases, *bare, *short, *plain, *more))


# What files call these columns when they serve one standard.
_WITHOUT_YEAR = {
    "poverty_class": (
        "Phân loại", "Phân loại hộ nghèo", "Loại hộ", "Hộ nghèo, cận nghèo", "Hộ nghèo/cận nghèo", "Diện hộ",
    ),
    "deprivation_count": ("Số chỉ số thiếu hụt", "Số thiếu hụt", "Tổng số chỉ số thiếu hụt", "Số dịch vụ thiếu hụt"),
}  # fmt: skip


def _without_personal(raw: RawTable) -> tuple[RawTable, list[Issue]]:
    """Take personal columns away, whatever they were read as, and say so."""
    personal = {name: header for name, header in raw.headers.items() if is_personal(header)}
    told = dict.fromkeys([*personal.values(), *(header for header in raw.unread if is_personal(header))])
    issues = [Issue.of("error", "lower.personal_column", **raw.place, column=header, header=header) for header in told]
    kept = [issue for issue in raw.issues if not (issue.message.id == "sheets.unread_column" and issue.column in told)]
    cells = raw.cells.drop(columns=[name for name in personal if name in raw.cells])
    headers = {name: header for name, header in raw.headers.items() if name not in personal}
    return replace(raw, cells=cells, headers=headers, issues=tuple(kept)), issues


def _ids(raw: RawTable, rows: pd.DataFrame) -> tuple[pd.Series[str], list[Issue]]:
    """Return the codes of households; what looks like citizens' numbers is refused, and double codes are told."""
    ids = text_column(raw, "household_id")
    known = ids.dropna()
    issues: list[Issue] = []
    place = {**raw.place, "column": raw.headers.get("household_id", "")}
    if len(known) and 2 * _like_citizens(known, rows) > len(known):
        issues.append(Issue.of("error", "lower.personal_numbers", **place))
        return pd.Series(pd.NA, index=ids.index, dtype="str"), issues
    twice = known[known.duplicated(keep=False)]
    if len(twice):
        rows_named = name_rows(twice.index)
        issues.append(Issue.of("error", "lower.household_twice", **place, row=rows_named, n=len(twice)))
    return ids, issues


def _like_citizens(ids: pd.Series[str], rows: pd.DataFrame) -> int:
    """Count codes of twelve digits that do not begin with the code of their commune."""
    numbers = ids[ids.str.fullmatch(_CITIZEN_NUMBER)]
    if "commune_code" not in rows or numbers.empty:
        return len(numbers)
    communes = rows.loc[numbers.index, "commune_code"].fillna("?").str.zfill(5)
    return sum(not code.startswith(commune) for code, commune in zip(numbers, communes, strict=True))


def _unnamed_standard(raw: RawTable, households: Table, standard: str) -> Iterable[Issue]:
    """Tell of columns that would mean something if the project named the poverty standard."""
    if standard or not standard_years(households):
        return []
    year = standard_years(households)[-1]
    would = [h for h in raw.unread if any(of_standard(households, y).find(h) for y in standard_years(households))]
    return [Issue.of("error", "lower.name_the_standard", **raw.place, column=h, header=h, example=year) for h in would]
