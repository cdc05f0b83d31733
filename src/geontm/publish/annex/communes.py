"""The list of one rule set over communes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date

import pandas as pd

from geontm.law.rules import OUTSIDE_SCOPE
from geontm.messages import say, spelt_day
from geontm.publish.annex.draft import Draft, lay_out
from geontm.publish.annex.ground import Ground, Part, basis_part, district_part, plain_cells
from geontm.publish.annex.missing import missing_part
from geontm.publish.annex.records import MARK, AnnexCell, AnnexColumn, AnnexList
from geontm.publish.content import Content, RuleSetNote
from geontm.tables import Label

__all__ = ["commune_list"]

_REGION = "development_region"  # the column of a set that tells regions III, II and I


def commune_list(ground: Ground, note: RuleSetNote) -> AnnexList:
    """Make the list of one rule set over communes."""
    rows, lang = ground.verdicts[note.id], ground.lang
    verdict = rows[rows["test"] == note.id].set_index("commune_code").reindex(ground.units.index)
    answer = verdict["answer"].map({"met": True, "not_met": False}).astype("boolean")
    missing, told = missing_part(ground, note, answer.isna())
    outside = verdict["value"].eq(OUTSIDE_SCOPE).fillna(False)
    return lay_out(
        ground,
        Draft(
            ruleset=note.id,
            heading=ground.words("heading", label=note.label[lang]),
            name=ground.words("name"),
            answer=answer,
            parts=(
                district_part(ground),
                *_columns_of(ground, note, verdict["value"]),
                basis_part(ground, _basis(ground, note, verdict["article"])),
            ),
            open_parts=(district_part(ground), missing),
            notes=_notes(ground, note, answer, outside),
            open_notes=told,
            illustrative=_rests_on_constructed(ground.content, note.id),
        ),
    )


def _basis(ground: Ground, note: RuleSetNote, article: pd.Series) -> pd.Series:
    """Name what each verdict stands on: the article, or the document of an official list with its day."""
    basis, made = article.fillna(note.document), ground.content.decisions
    if not len(made):
        return basis
    listed = made[(made["ruleset"] == note.id) & (made["source"] == "listed") & made["date"].fillna("").ne("")]
    for code, document, day in zip(listed["commune_code"], listed["document"], listed["date"], strict=True):
        if document and code in basis.index:
            written = spelt_day(date.fromisoformat(day), ground.lang)
            basis[code] = say("classify.dated", ground.lang, document=document, date=written)
    return basis


def _columns_of(ground: Ground, note: RuleSetNote, value: pd.Series) -> list[Part | None]:
    """Return what a decision on this status says of each unit, beside its name."""
    units = ground.units
    if note.outcomes:
        signs = {each.id: each.sign for each in note.outcomes}
        outcome: dict[Hashable, AnnexCell] = {code: signs.get(str(each)) for code, each in value.items()}
        regions = _REGION in note.columns
        key = "region" if regions else "outcome"
        by_value = sorted(note.outcomes, key=lambda each: str(each.value), reverse=regions)
        found: list[Part | None] = [
            (AnnexColumn(key, ground.words(key), "choice", tuple(each.sign for each in by_value)), outcome)
        ]
        if not regions:
            return found
        found.append(_difficult_villages(ground))
        if "is_extremely_difficult" in units:
            hard = note.outcomes_by_id[by_value[0].id].sign
            marks = {code: MARK if sign == hard else "" for code, sign in outcome.items()}
            found.append((AnnexColumn("difficult", ground.words("difficult"), "mark"), marks))
        return found
    if note.scored:
        return [(AnnexColumn("criteria", ground.words("criteria")), plain_cells(value))]
    if "is_border" in note.columns and "border_neighbours" in units:
        return [(AnnexColumn("border_with", ground.words("border_with")), _said(ground, "border_neighbours"))]
    return []


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


def _notes(ground: Ground, note: RuleSetNote, answer: pd.Series, outside: pd.Series) -> tuple[str, ...]:
    """Account for every unit of the project, and name the document."""
    not_met = ~answer.fillna(True)
    counts = {"listed": int(answer.sum()), "outside": int((not_met & outside).sum())}
    counts["not_met"] = int(not_met.sum()) - counts["outside"]
    counts["unknown"] = int(answer.isna().sum())
    key = "account_scope" if counts["outside"] else "account"
    lines = [ground.words(key, n=len(answer), **counts)]
    if note.document:
        lines.append(
            ground.words("document", document=note.cited(ground.lang), day=spelt_day(ground.content.as_of, ground.lang))
        )
    return tuple(lines)


def _rests_on_constructed(content: Content, ruleset: str) -> bool:
    scores = content.scores
    if "illustrative" not in scores or "ruleset" not in scores:
        return False
    return bool((scores["ruleset"].eq(ruleset) & scores["illustrative"].fillna(False).astype(bool)).any())
