"""Codes, names, kinds and provinces of units, out of whatever columns a boundary layer has."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from geontm.errors import BoundaryError
from geontm.load.layers import name_columns
from geontm.load.legacy_fonts import ENCODINGS, judge_unmarked, to_unicode
from geontm.tables import Issue, Table, list_briefly
from geontm.tables.columns import spelling_key

__all__ = [
    "Naming",
    "base_name",
    "base_province",
    "fill_from_register",
    "name_units",
    "pick_columns",
    "read_codes",
    "read_legacy_text",
]

KINDS = ("xã", "phường", "thị trấn", "đặc khu")
# Kinds as files write them, folded by spelling_key; abbreviations count only where a point or space follows.
KIND_WORDS = {
    **{kind: kind for kind in KINDS},
    "x": "xã", "p": "phường", "tt": "thị trấn", "đk": "đặc khu",
    "commune": "xã", "ward": "phường", "township": "thị trấn", "special zone": "đặc khu",
}  # fmt: skip
BEFORE_NAME = re.compile(r"^(?:(xã|phường|thị trấn|đặc khu)\s+|(x|p|tt|đk)\.\s*)(?=\S)", re.IGNORECASE)
BEFORE_PROVINCE = re.compile(r"^(?:tỉnh|thành phố|tp)\b[\s.]*", re.IGNORECASE)
WHOLE_NUMBER = re.compile(r"(\d+)(?:\.0+)?")
FULL_NAME_HEADERS = ("fullname", "full name")
NAMED = ("province_code", "province_name", "district_code", "district_name")
MOST_LISTED = 12
LEAST_LEGACY = 0.5


@dataclass(frozen=True)
class Naming:
    """What the columns of one file mean, and who says so."""

    file: str
    identifiers: Table
    columns: Mapping[str, str] = field(default_factory=dict)

    def is_explicit(self, name: str) -> bool:
        """Whether the project itself names the file's column for a dictionary column."""
        return name in self.columns.values()


def pick_columns(frame: pd.DataFrame, naming: Naming) -> tuple[pd.DataFrame, list[Issue]]:
    """Rename a layer's columns to those of the dictionary, one each, and list what was left aside.

    Raises
    ------
    BoundaryError
        No column holds codes, a column named in the project is missing, or two columns hold different codes.
    """
    headers = [str(header) for header in frame.columns if header not in ("geometry", "__file__")]
    if missing := [header for header in naming.columns if header not in headers]:
        raise BoundaryError(
            "layers.column_missing", where=naming.file, column=", ".join(missing), columns=", ".join(headers)
        )
    meanings = name_columns(tuple(headers), naming.identifiers, naming.columns)
    chosen: dict[str, str] = {}
    for name in dict.fromkeys(meanings.values()):
        candidates = [header for header, meaning in meanings.items() if meaning == name]
        chosen[name] = candidates[0] if len(candidates) == 1 else _best(frame, name, candidates, naming)
    if "commune_code" not in chosen:
        raise BoundaryError("layers.no_code_column", where=naming.file, file=naming.file, columns=", ".join(headers))
    picked = pd.DataFrame({name: frame[header] for name, header in chosen.items()}, index=frame.index)
    unused = [header for header in headers if header not in chosen.values()]
    issues = [Issue.of("info", "layers.columns_unused", file=naming.file, columns=", ".join(unused))] if unused else []
    return picked, issues


def _best(frame: pd.DataFrame, name: str, candidates: list[str], naming: Naming) -> str:
    spellings = [spelling_key(text) for text in naming.identifiers[name].spellings]
    order = {header: spellings.index(spelling_key(header)) for header in candidates}
    if name == "commune_name":
        full = [header for header in candidates if spelling_key(header) in FULL_NAME_HEADERS]
        with_kind = [header for header in candidates if frame[header].map(_has_kind).mean() > 0.5]
        return (full or with_kind or sorted(candidates, key=order.__getitem__))[0]
    if name == "commune_code":
        pattern = naming.identifiers[name].pattern
        fit = {header: frame[header].astype("str").str.fullmatch(pattern).sum() for header in candidates}
        best = [header for header in candidates if fit[header] == max(fit.values())]
        if any(not frame[header].astype("str").equals(frame[best[0]].astype("str")) for header in best):
            raise BoundaryError("layers.several_code_columns", where=naming.file, columns=", ".join(best))
        return best[0]
    return min(candidates, key=order.__getitem__)


def _has_kind(value: object) -> bool:
    return BEFORE_NAME.match(_text(value) or "") is not None


def read_codes(
    values: pd.Series, naming: Naming, *, known: Iterable[str] | None = None
) -> tuple[list[str | None], list[Issue]]:
    """Read the codes of communes as text, with the leading zeros that a number loses.

    Parameters
    ----------
    values : Series, n rows
        As the file holds them: text, integers, or floats.
    naming : Naming
        A code column that the project names itself may hold codes of another list; they are taken as they are.
    known : iterable of str, optional
        Codes of the list in force: a restored zero must lead to one of them.

    Returns
    -------
    list of str or None, n items
        None where the row has no code.
    list of Issue

    Raises
    ------
    BoundaryError
        Codes of a wrong form, or codes that occur twice; ``error.issues`` names each.
    """
    pattern = re.compile(naming.identifiers["commune_code"].pattern)
    texts = [_code_text(value) for value in values]
    foreign = naming.is_explicit("commune_code") and any(text and len(text) > 5 for text in texts)
    issues: list[Issue] = []
    if foreign:
        wrong = [text for text in texts if text and not pattern.fullmatch(text)]
        issues.append(
            Issue.of(
                "warning", "layers.other_codes", file=naming.file, column="commune_code", value=wrong[0], n=len(wrong)
            )
        )
    else:
        texts, restored = _restore_zeros(texts, numeric=pd.api.types.is_numeric_dtype(values), known=known)
        if restored:
            issues.append(
                Issue.of(
                    "info",
                    "layers.zeros_restored",
                    file=naming.file,
                    column="commune_code",
                    value=list_briefly(restored, " ", most=MOST_LISTED),
                    n=len(restored),
                )
            )
        _refuse(texts, [bool(text) and not pattern.fullmatch(text or "") for text in texts], "layers.bad_code", naming)
    _refuse(
        texts,
        (pd.Series(texts, dtype="str").duplicated(keep=False) & pd.notna(texts)).tolist(),
        "layers.duplicate_code",
        naming,
    )
    return texts, issues


def _code_text(value: object) -> str | None:
    text = _text(value)
    number = WHOLE_NUMBER.fullmatch(text or "")
    return number.group(1) if number else text


def _restore_zeros(
    texts: list[str | None], *, numeric: bool, known: Iterable[str] | None
) -> tuple[list[str | None], list[str]]:
    """Put back leading zeros. Two digits as text may well be a province, so only numbers are filled from there."""
    allowed = None if known is None else set(known)
    restored: list[str | None] = []
    changed: list[str] = []
    for text in texts:
        short = text is not None and text.isdigit() and len(text) < 5 and (numeric or len(text) > 2)
        full = text.zfill(5) if short and text is not None else text
        if short and full is not None and (allowed is None or full in allowed):
            changed.append(full)
            restored.append(full)
        else:
            restored.append(text)
    return restored, sorted(changed)


def _refuse(texts: list[str | None], wrong: list[bool], message_id: str, naming: Naming) -> None:
    found = [(row, text) for row, (text, bad) in enumerate(zip(texts, wrong, strict=True), start=1) if bad]
    if not found:
        return
    row_id = "layers.duplicate_code_row" if message_id == "layers.duplicate_code" else "layers.bad_code_row"
    codes = sorted({str(text) for _, text in found})
    listed = list_briefly(codes, most=MOST_LISTED)
    issues = [
        Issue.of("error", row_id, file=naming.file, row=row, column="commune_code", value=text, code=text)
        for row, text in found
    ]
    raise BoundaryError(message_id, where=naming.file, issues=issues, file=naming.file, n=len(codes), codes=listed)


def read_legacy_text(picked: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Issue]]:
    """Turn names typed in TCVN3 or VNI fonts into Unicode, column by column, and say so.

    A column is converted where one encoding is the only good reading of at least half of its cells that are not plain
    ASCII; cells that read well as they stand are never touched. Where only some cells look typed so, they are listed.
    """
    read, issues = picked.copy(), []
    for name in ("commune_name", "kind", "province_name", "district_name"):
        texts = [] if name not in picked else _texts(picked, name)
        judged = [judge_unmarked(text) if text else "plain" for text in texts]
        counts = Counter(judged)
        encoding = max(ENCODINGS, key=lambda one: counts[one])
        if not counts[encoding]:
            continue
        sure = counts[encoding] >= LEAST_LEGACY * (len(judged) - counts["plain"])
        touched = [row for row, found in enumerate(judged) if found not in ("plain", "unicode")]
        if sure:
            turned = {row: to_unicode(texts[row] or "", encoding) for row in touched}
            read[name] = pd.Series([turned.get(row, text) for row, text in enumerate(texts)], picked.index, dtype="str")
        listed = " | ".join(texts[row] or "" for row in touched[:MOST_LISTED])
        severity, message_id = ("info", "layers.legacy_read") if sure else ("warning", "layers.legacy_doubtful")
        issues.append(
            Issue.of(
                severity,  # type: ignore[arg-type]
                message_id,
                file=file,
                column=name,
                value=listed,
                n=len(touched),
                encoding=encoding,
            )
        )
    return read, issues


def name_units(picked: pd.DataFrame) -> pd.DataFrame:
    """Give units their full name and kind.

    Parameters
    ----------
    picked : DataFrame, n rows
        Columns of the dictionary as :func:`pick_columns` gives them.

    Returns
    -------
    DataFrame, n rows, same index
        ``commune_name`` (full, ``Xã Cốc Pàng``, in NFC), ``kind`` (``xã``, ``phường``, ``thị trấn``, ``đặc khu``), and
        province and district as text; null where the layer does not say.
    """
    kinds = [KIND_WORDS.get(spelling_key(text or "")) for text in _texts(picked, "kind")]
    pairs = [_full_name(name, kind) for name, kind in zip(_texts(picked, "commune_name"), kinds, strict=True)]
    named = {"commune_name": [name for name, _ in pairs], "kind": [kind for _, kind in pairs]}
    named |= {name: _texts(picked, name) for name in NAMED}
    for name, digits in (("province_code", 2), ("district_code", 3)):
        codes = [_code_text(text) for text in named[name]]
        named[name] = [code.zfill(digits) if code and code.isdigit() else code for code in codes]
    return pd.DataFrame({name: pd.Series(texts, index=picked.index, dtype="str") for name, texts in named.items()})


def _texts(picked: pd.DataFrame, name: str) -> list[str | None]:
    return [_text(value) for value in picked[name]] if name in picked else [None] * len(picked)


def base_name(name: str) -> str:
    """Take the kind off a full name; the rest is left as it is."""
    return name[found.end() :] if (found := BEFORE_NAME.match(name)) else name


def _full_name(name: str | None, kind: str | None) -> tuple[str | None, str | None]:
    if name is None:
        return None, kind
    found = BEFORE_NAME.match(name)
    if found:
        kind = KIND_WORDS[spelling_key(found.group(1) or found.group(2))]
        name = name[found.end() :]
    return (f"{kind.capitalize()} {name}" if kind else name), kind


def fill_from_register(
    units: pd.DataFrame, register: pd.DataFrame | None, file: str
) -> tuple[pd.DataFrame, list[Issue]]:
    """Fill what the layer does not say from the list of units in force, by code, and say which columns.

    Parameters
    ----------
    units : DataFrame, index ``commune_code``
    register : DataFrame, index ``commune_code``
        ``commune_name``, ``kind``, ``province_code``, ``province_name``, and districts where there are any.
    file : str
        Named in the issues.
    """
    if register is None:
        return units, []
    filled, issues = units.copy(), []
    provinces = register.dropna(subset=["province_code"]).drop_duplicates("province_code").set_index("province_code")
    by_name = {_province_key(name): code for code, name in provinces["province_name"].dropna().items()}
    said = [None if pd.isna(name) else by_name.get(_province_key(name)) for name in filled["province_name"]]
    filled["province_code"] = filled["province_code"].fillna(pd.Series(said, index=filled.index, dtype="str"))
    for name in ("commune_name", "kind", *NAMED):
        if name not in register:
            continue
        before = filled[name].isna()
        filled[name] = filled[name].fillna(register[name].reindex(filled.index).astype("str"))
        if name == "province_name":
            filled[name] = filled[name].fillna(filled["province_code"].map(provinces["province_name"]).astype("str"))
        count = int((before & filled[name].notna()).sum())
        if count:
            issues.append(Issue.of("info", "layers.filled", file=file, column=name, name=name, n=count))
    # Codes of another form are of another list, and keys of units without code are none: both were said before.
    unknown = [code for code in filled.index.difference(register.index) if len(code) == 5 and code.isdigit()]
    if unknown:
        codes = list_briefly(unknown, " ", most=MOST_LISTED)
        issues.append(
            Issue.of("warning", "layers.not_in_register", file=file, column="commune_code", value=codes, n=len(unknown))
        )
    return filled, issues


def base_province(name: str) -> str:
    """Take the kind off the name of a province, in NFC; the rest is left as it is."""
    return BEFORE_PROVINCE.sub("", unicodedata.normalize("NFC", name).strip())


def _province_key(name: str) -> str:
    return spelling_key(base_province(name))


def _text(value: object) -> str | None:
    """Text in NFC with single spaces, or None for a gap."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    return " ".join(unicodedata.normalize("NFC", str(value)).split()) or None
