"""Give each row of a table the unit it is about, by code or by name; what finds no unit is reported, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from geontm.errors import TableError
from geontm.join.claims import CODE, OTHER_KIND, Claim, Names, award, claim_by_name, drop_lone_moves, suggest
from geontm.join.names import clean_text
from geontm.join.nearest import longest_slip, slips
from geontm.join.scopes import Within, texts
from geontm.tables import Issue
from geontm.tables.issues import Severity

__all__ = ["By", "Match", "match_units"]

By = Literal["code", "name", "auto"]
_LISTED = 200  # units without a row are named one by one up to here
_USED: dict[str, Severity] = {"join.without_tones": "info", "join.other_district": "info"}
_NEEDS = {"code": "join.needs_code", "name": "join.needs_name", "auto": "join.needs_auto"}
# What a row's code has settled, no suggestion by name may reopen.
_SETTLED = (
    "join.no_code",
    "join.unknown_code",
    "join.unknown_code_alone",
    "join.unknown_code_named",
    "join.code_name_conflict",
)


@dataclass(frozen=True)
class Match:
    """Which unit each row of a table is about.

    Attributes
    ----------
    codes : Series of str, index of the rows
        ``commune_code`` of the unit, or missing. No code occurs twice (in one year, where the rows have years).
    how : Series of str, index of the rows
        ``"code"``, ``"name"``, ``"name_without_tones"``, ``"suggestion"``; empty for a row without unit.
    issues : tuple of Issue
        One for each row without unit: an error, or ``info`` where the row is of a province that the units leave out
        while other rows are not. Then what was joined on weaker grounds, and the units without a row.
    """

    codes: pd.Series
    how: pd.Series
    issues: tuple[Issue, ...]


def match_units(
    rows: pd.DataFrame,
    units: pd.DataFrame,
    *,
    by: By,
    within: Within,
    accept_suggestions: bool = False,
    file: str = "",
    sheet: str = "",
) -> Match:
    """Find the unit of each row. A wrong join is worse than none: whatever has two answers has none.

    By name, in this order. A row gets a unit that no row on a better ground claims; where two rows have the same
    ground for one unit, neither gets it.

    1. Kind and name with tones, in the row's district where both sides have districts, else in its province.
    2. Name with tones where one side gives no kind and one unit of the scope bears the name.
    3. Kind and name with tones, once in the province on either side, where the row's district has no name like it:
       districts were split, cities took in their surroundings. Only where at least two communes went the same way,
       and not with ``within="district"``.
    4. Name with tones and another kind (a *xã* became a *phường*), once in the scope on either side.
    5. Name without tones and spaces, once in the scope on either side, kinds not in conflict.
    6. With ``accept_suggestions`` only: within one slip (two in names of twelve letters) where every other unit of the
       province is at least two slips further.

    Grounds 4 and 5 fall away where another unit is, tones counted, as near to what the row says. Grounds 3 to 6 lean on
    the units being all there are; in a layer with gaps, a row whose unit is missing can fall to a neighbour in name.

    Parameters
    ----------
    rows : DataFrame, n rows
        Index: the row in the file. Columns ``commune_code``, ``commune_name``, ``kind``, ``district_name``,
        ``district_code``, ``province_name``, ``province_code`` where the table has them; with ``year``, each year is
        joined by itself.
    units : DataFrame, m rows, index ``commune_code``
        Columns ``commune_name`` (full name), and ``kind``, ``province_code``, ``province_name``, ``district_name``,
        ``district_code`` where known.
    by : {"code", "name", "auto"}
        ``"auto"``: by code, and by name where a row has no code or one that the units lack.
    within : {"province", "district", None}
        Names are compared only inside it. None: in the whole of the units, where a row names no province.
    accept_suggestions : bool
        Join what would else be a suggestion in the issues table.
    file, sheet : str
        Named in the issues.

    Raises
    ------
    TableError
        The table has no codes or no names to join by, or ``within`` cannot be kept.
    """
    where = " / ".join(filter(None, (file, sheet)))
    given = [name for name in ("commune_code", "commune_name") if any(texts(rows, name))]
    needed = {"code": "commune_code", "name": "commune_name"}.get(by)
    if (needed and needed not in given) or not given:
        raise TableError(_NEEDS[by], where=where)
    claims: list[Claim] = []
    for places in _years(rows):
        part = _match_year(rows.iloc[places], units, by=by, within=within, accept=accept_suggestions, where=where)
        claims += [replace(claim, row=places[claim.row]) for claim in part]
    claims.sort(key=lambda claim: claim.row)
    codes = [str(units.index[claim.unit]) if claim.how else None for claim in claims]
    series = pd.Series(codes, index=rows.index, dtype="str", name="commune_code")
    how = pd.Series([claim.how for claim in claims], index=rows.index, dtype="str", name="how")
    issues = [_issue(claim, rows, units, file, sheet) for claim in claims if claim.message]
    if padded := sum(_five_digits(code) != code for code in texts(rows, "commune_code")) if by != "name" else 0:
        issues.append(Issue.of("info", "join.zeros_restored", file=file, sheet=sheet, column="commune_code", n=padded))
    return Match(series, how, (*issues, *_missing(series, units, file, sheet)))


def _years(rows: pd.DataFrame) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for i, year in enumerate(texts(rows, "year")):
        groups.setdefault(year, []).append(i)
    return list(groups.values())


def _match_year(
    rows: pd.DataFrame, units: pd.DataFrame, *, by: By, within: Within, accept: bool, where: str
) -> list[Claim]:
    codes = [_five_digits(text) for text in texts(rows, "commune_code")] if by != "name" else [""] * len(rows)
    known = {str(code): i for i, code in enumerate(units.index)}
    asks_names = by != "code" and not all(code in known for code in codes)
    names = Names.read(rows, units, within if asks_names else None, where=where)
    claims = []
    for row, code in enumerate(codes):
        if code in known:
            claims.append(_claim_by_code(row, known[code], names))
        elif by == "code":
            claims.append(_unknown_code(row, code, names))
        elif names.scopes[row].problem:
            claims.append(_misplaced(row, names))
        elif code and not names.rows[row][0]:
            claims.append(Claim(row, message="join.unknown_code_alone"))
        else:
            claims.append(claim_by_name(row, names))
    claims = drop_lone_moves(claims, texts(units, "district_name"), names)
    settled, taken = award(claims, lambda row: rows.index[row])
    open_ones = [c for c in settled if not c.how and not names.scopes[c.row].problem and c.message not in _SETTLED]
    answers = {claim.row: claim for claim in settled}
    suggested = suggest(open_ones, names, taken, accept=accept)
    again, _ = award([claim for claim in suggested if claim.how], lambda row: rows.index[row])
    answers |= {claim.row: claim for claim in (*suggested, *again)}
    return [answers[row] for row in range(len(rows))]


def _five_digits(text: str) -> str:
    """Return a code with the zeros that a spreadsheet takes off: 4 and 4.0 are 00004."""
    digits = text.removesuffix(".0")
    return digits.zfill(5) if digits.isascii() and digits.isdigit() else text


def _claim_by_code(row: int, unit: int, names: Names) -> Claim:
    keys = names.rows[row]
    if not keys[0] or not names.units[unit] or keys[0] == names.units[unit]:
        return Claim(row, (unit,), CODE, "code")
    if int(slips([keys], [names.units[unit]])[0, 0]) <= longest_slip(names.units[unit]):
        return Claim(row, (unit,), CODE, "code")
    if not names.scopes[row].problem:
        by_name = claim_by_name(row, names)
        if by_name.how == "name" and by_name.unit != unit:
            return Claim(row, (unit, by_name.unit), message="join.code_name_conflict")
    return Claim(row, (unit,), OTHER_KIND, "code", "join.name_differs")


def _unknown_code(row: int, code: str, names: Names) -> Claim:
    if (misplaced := _misplaced(row, names)).message == "join.outside":
        return misplaced
    if not code:
        return Claim(row, message="join.no_code")
    by_name = claim_by_name(row, names) if not names.scopes[row].problem else Claim(row)
    units = by_name.units if by_name.how else ()
    return Claim(row, units, message="join.unknown_code_named" if units else "join.unknown_code")


def _misplaced(row: int, names: Names) -> Claim:
    scope = names.scopes[row]
    elsewhere = scope.problem == "join.province_unknown" and any(not other.problem for other in names.scopes)
    return Claim(row, message="join.outside" if elsewhere else scope.problem, details={"says": scope.says})


def _issue(claim: Claim, rows: pd.DataFrame, units: pd.DataFrame, file: str, sheet: str) -> Issue:
    severity: Severity = "error"
    if claim.how:
        severity = _USED.get(claim.message, "warning")
    elif claim.message == "join.outside":
        severity = "info"
    line = rows.iloc[claim.row]
    name, code = clean_text(line.get("commune_name")), clean_text(line.get("commune_code"))
    by_code = "code" in claim.message or claim.how == "code"
    listed = [_describe(units, unit) for unit in claim.units]
    return Issue.of(
        severity,
        claim.message,
        file=file,
        sheet=sheet,
        row=rows.index[claim.row],
        column="commune_code" if by_code else "commune_name",
        value=code if by_code else name,
        **{
            "name": name,
            "code": code,
            "units": "; ".join(listed),
            "unit": listed[0] if listed else "",
            **dict(claim.details),
        },
    )


def _describe(units: pd.DataFrame, unit: int) -> str:
    line = units.iloc[unit]
    parts = (clean_text(line.get(column)) for column in ("commune_name", "district_name", "province_name"))
    return f"{', '.join(filter(None, parts))} ({units.index[unit]})"


def _missing(codes: pd.Series, units: pd.DataFrame, file: str, sheet: str) -> Sequence[Issue]:
    """Report the units that no row is about: their figures are unknown, not 0."""
    joined = set(codes.dropna())
    left = [i for i, code in enumerate(units.index) if str(code) not in joined]
    if not left:
        return ()
    place = {"file": file, "sheet": sheet}
    summary = Issue.of("warning", "join.units_missing", **place, n=len(left), of=len(units))
    if len(left) > _LISTED:
        return (summary,)
    listed = [
        Issue.of("info", "join.unit_missing", **place, value=str(units.index[i]), unit=_describe(units, i))
        for i in sorted(left, key=lambda i: str(units.index[i]))
    ]
    return (summary, *listed)
