"""The list of one rule set over communes."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping

import pandas as pd

from geontm.messages import spelt_day
from geontm.publish.annex.ground import (
    Ground,
    Part,
    basis_part,
    district_part,
    number_rows,
    plain_cells,
    total_of,
)
from geontm.publish.annex.records import MARK, AnnexCell, AnnexColumn, AnnexList
from geontm.publish.content import Content, RuleSetNote
from geontm.tables import Label

__all__ = ["commune_list"]

_REGION = re.compile(r"region_(i{1,3})")
_OUTSIDE = "outside_scope"


def commune_list(ground: Ground, note: RuleSetNote) -> AnnexList:
    """Make the list of one rule set over communes."""
    rows, lang = ground.verdicts[note.id], ground.lang
    verdict = rows[rows["test"] == note.id].set_index("commune_code").reindex(ground.units.index)
    answer, article = verdict["answer"].astype("object"), verdict["article"].fillna(note.document)
    outcome = _outcomes(verdict["value"], rows, note)
    parts = [district_part(ground), *_columns_of(ground, note, outcome, rows), basis_part(ground, article)]
    columns, cells = zip(*(part for part in parts if part is not None), strict=True)
    met = answer.eq("met")
    unknown = ~met & ~answer.eq("not_met")
    missing = _missing(ground, note, verdict)
    parts = [district_part(ground), (AnnexColumn("missing", ground.words("missing")), missing)]
    open_columns, open_cells = zip(*(part for part in parts if part is not None), strict=True)
    groups = number_rows(ground, columns, cells, met)
    notes = _notes(ground, note, answer, verdict["value"].eq(_OUTSIDE).fillna(False))
    illustrative = _rests_on_constructed(ground.content, note.id)
    return AnnexList(
        ruleset=note.id,
        number="",
        heading=ground.words("heading", label=note.label[lang]).upper(),
        attached=ground.words("attached"),
        head=(ground.words("tt"), ground.words("name")),
        columns=columns,
        groups=groups,
        total=total_of(ground, columns, groups, "unit"),
        undecided_heading=ground.words("undecided"),
        undecided_columns=open_columns,
        undecided=number_rows(ground, open_columns, open_cells, unknown),
        notes=(ground.words("illustrative"), *notes) if illustrative else notes,
        illustrative=illustrative,
    )


def _columns_of(
    ground: Ground, note: RuleSetNote, outcome: Mapping[Hashable, AnnexCell], rows: pd.DataFrame
) -> list[Part | None]:
    """Return what a decision on this status says of each unit, beside its name."""
    units = ground.units
    if outcome:
        regions = all(value in ("I", "II", "III") for value in outcome.values() if value is not None)
        choices = tuple(sorted({str(v) for v in outcome.values() if v is not None}, reverse=regions))
        key = "region" if regions else "outcome"
        column = AnnexColumn(key, ground.words(key), "choice", ("III", "II", "I") if regions else choices)
        if not regions:
            return [(column, outcome)]
        found: list[Part | None] = [(column, outcome), _difficult_villages(ground)]
        if "is_extremely_difficult" in units:
            marks = {code: MARK if value == "III" else "" for code, value in outcome.items()}
            found.append((AnnexColumn("difficult", ground.words("difficult"), "mark"), marks))
        return found
    if note.scored:
        verdict = rows[rows["test"] == note.id].set_index("commune_code")["value"]
        return [(AnnexColumn("criteria", ground.words("criteria")), plain_cells(verdict.reindex(units.index)))]
    if rows["test"].eq("on_land_border").any() and "border_neighbours" in units:
        return [(AnnexColumn("border_with", ground.words("border_with")), _said(ground, "border_neighbours"))]
    return []


def _outcomes(value: pd.Series, rows: pd.DataFrame, note: RuleSetNote) -> dict[Hashable, AnnexCell]:
    """Return the outcome of each unit as lists print it; nothing for a set that only says yes or no."""
    named = {str(each) for each in value.dropna()} & {str(each) for each in rows["test"].unique()}
    regions = {str(each) for each in rows["test"].unique() if _REGION.fullmatch(str(each))}
    if note.scored or not named | regions:
        return {}
    printed = {name: _printed(name) for name in named | regions}
    return {code: printed.get(str(each)) for code, each in value.items()}


def _printed(outcome: str) -> str:
    region = _REGION.fullmatch(outcome)
    return region.group(1).upper() if region else outcome.rpartition("_")[2].upper()


def _difficult_villages(ground: Ground) -> Part | None:
    """Count the extremely difficult villages of each commune; unknown where one of its villages is."""
    column = AnnexColumn("difficult_villages", ground.words("difficult_villages"), "count")
    name, villages = "extremely_difficult_village_count", ground.content.more.get("villages")
    if name in ground.units and ground.units[name].notna().any():
        return column, {code: None if pd.isna(n) else int(n) for code, n in ground.units[name].items()}
    if villages is None or "is_extremely_difficult" not in villages:
        return None
    groups = villages["is_extremely_difficult"].astype("boolean").groupby(villages["commune_code"].astype("str"))
    counted = groups.sum().where(groups.count() == groups.size())
    return column, {code: None if pd.isna(n) else int(n) for code, n in counted.reindex(ground.units.index).items()}


def _said(ground: Ground, name: str) -> dict[Hashable, AnnexCell]:
    """Write the words that a text lists (*China, Laos*) by their labels."""
    column = ground.content.dictionary.get(name)
    labels: Mapping[str, Label] = column.choices if column else {}
    told: dict[Hashable, AnnexCell] = {}
    for code, text in plain_cells(ground.units[name]).items():
        words = [] if text is None else str(text).split(", ")
        told[code] = None if text is None else ", ".join(labels[w][ground.lang] if w in labels else w for w in words)
    return told


def _missing(ground: Ground, note: RuleSetNote, verdict: pd.DataFrame) -> dict[Hashable, AnnexCell]:
    """Say for each unit what is missing to its verdict: the figures, the open criteria, or the reason as it stands."""
    lang, briefs, rows = ground.lang, ground.content.briefs, ground.verdicts[note.id]
    told: dict[Hashable, AnnexCell] = dict(plain_cells(verdict[f"reason_{lang}"]))
    if note.scored:
        numbers = rows["test"].str.removeprefix("criterion_")
        is_open = rows["test"].str.startswith("criterion_") & ~rows["answer"].isin(("met", "not_met"))
        for code, each in numbers[is_open].groupby(rows["commune_code"]):
            told[code] = ground.words("missing_criteria", n=len(each), numbers=", ".join(each))
    elif len(briefs):
        mine = briefs[(briefs["ruleset"] == note.id) & briefs[f"missing_{lang}"].fillna("").ne("")]
        told |= dict(zip(mine["commune_code"], mine[f"missing_{lang}"], strict=True))
    return told


def _notes(ground: Ground, note: RuleSetNote, answer: pd.Series, outside: pd.Series) -> tuple[str, ...]:
    """Account for every unit of the project, and name the document."""
    not_met = answer.eq("not_met")
    counts = {"listed": int(answer.eq("met").sum()), "outside": int((not_met & outside).sum())}
    counts["not_met"] = int(not_met.sum()) - counts["outside"]
    counts["unknown"] = len(answer) - int(answer.eq("met").sum()) - int(not_met.sum())
    key = "account_scope" if counts["outside"] else "account"
    lines = [ground.words(key, n=len(answer), **counts)]
    if note.document:
        lines.append(ground.words("document", document=note.document, day=spelt_day(ground.content.as_of, ground.lang)))
    return tuple(lines)


def _rests_on_constructed(content: Content, ruleset: str) -> bool:
    scores = content.scores
    if "illustrative" not in scores or "ruleset" not in scores:
        return False
    return bool((scores["ruleset"].eq(ruleset) & scores["illustrative"].fillna(False).astype(bool)).any())
