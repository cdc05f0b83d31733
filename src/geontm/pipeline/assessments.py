"""What a run does with ``assessments:``: each row finds its unit, each rule set gets one table of answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from geontm import join
from geontm.errors import RuleError
from geontm.law import AllOf, Assessed, Leaf, Node, Reference, RuleSet, Test
from geontm.load.assessment_tables import AssessmentSource, AssessmentTable, read_assessments
from geontm.load.read import Words
from geontm.project.dictionary import read_dictionary
from geontm.project.located import nearest_or_all
from geontm.tables import Issue
from geontm.tables.columns import spelling_key

__all__ = ["Assessments", "assess"]


@dataclass(frozen=True)
class Assessments:
    """Answers by rule set.

    Attributes
    ----------
    communes, districts : mapping of str to DataFrame
        By id of a rule set about communes or districts: index the unit's code, a column per code of an indicator or
        criterion, nullable booleans.
    constructed : frozenset of str
        Rule sets whose assessment the project marks as illustrative.
    issues : tuple of Issue
    """

    communes: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    districts: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    constructed: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()


def assess(
    sources: Sequence[AssessmentSource], rulesets: Sequence[RuleSet], units: pd.DataFrame, words: Words
) -> Assessments:
    """Read the assessments of a project and give each row its unit.

    Parameters
    ----------
    sources : sequence of AssessmentSource
    rulesets : sequence of RuleSet
        The standards of the project; every assessment is of one of them.
    units : DataFrame, index ``commune_code``
        Units of the boundaries.
    words : Words
        Column dictionaries.

    Raises
    ------
    RuleError
        An assessment of a rule set that is not among the standards, or is about neither communes nor districts, or
        has a code that the rule set does not know; the error names the file and the row.
    """
    known = {rules.id: rules for rules in rulesets}
    tables: dict[str, dict[str, pd.DataFrame]] = {"commune": {}, "district": {}}
    issues: list[Issue] = []
    for source in sources:
        rules = known.get(source.ruleset)
        if rules is None:
            raise RuleError(
                "assessments.not_a_standard", where=source.path.name, id=source.ruleset, names=", ".join(known)
            )
        if rules.unit not in tables:
            raise RuleError("assessments.no_such_unit", where=source.path.name, id=rules.id, unit=rules.unit)
        table = read_assessments(source, identifiers=words.identifiers, words=read_dictionary("assessments"))
        _require_known_codes(table, rules)
        codes, found = _communes(table, units) if rules.unit == "commune" else _districts(table, units)
        titles = _titles(units, rules.unit)
        wide, conflicts = _wide(table, codes, titles)
        tables[rules.unit][rules.id] = wide
        issues += [*table.issues, *found, *conflicts, *_at_odds(wide, rules, titles, source.path.name)]
    constructed = frozenset(source.ruleset for source in sources if source.illustrative)
    return Assessments(tables["commune"], tables["district"], constructed, tuple(issues))


def _require_known_codes(table: AssessmentTable, rules: RuleSet) -> None:
    """Refuse a code that the rule set does not have, with the row of the file where it stands."""
    known = {name for leaf in rules.leaves for name in (leaf.id, leaf.code)}
    known |= {name for criterion in rules.criteria for name in (criterion.id, criterion.no)}
    for row, code in table.rows["code"].items():
        if isinstance(code, str) and code not in known:
            raise RuleError(
                "classify.assessment_code",
                where=f"{table.source.path.name}:{row}",
                ruleset=rules.id,
                code=code,
                nearest=nearest_or_all(code, known - {""}),
            )


def _communes(table: AssessmentTable, units: pd.DataFrame) -> tuple[pd.Series, list[Issue]]:
    """Match each commune of the table once, as the other tables are matched; units without assessment are no fault."""
    identity = [name for name in table.rows if name not in ("code", "answer")]
    shown = table.rows[identity].drop_duplicates()
    by: join.By = "code" if "commune_code" in shown else "name"
    match = join.match_units(shown, units, by=by, within=None, file=table.source.path.name)
    keys = pd.MultiIndex.from_frame(shown.astype("object").where(shown.notna(), ""))
    of = dict(zip(keys, match.codes, strict=True))
    rows = pd.MultiIndex.from_frame(table.rows[identity].astype("object").where(table.rows[identity].notna(), ""))
    codes = pd.Series([of[key] for key in rows], index=table.rows.index, dtype="str")
    absent = ("join.units_missing", "join.unit_missing")
    return codes, [issue for issue in match.issues if issue.message.id not in absent]


def _districts(table: AssessmentTable, units: pd.DataFrame) -> tuple[pd.Series, list[Issue]]:
    """Find districts by code, else by name with or without its kind; a name that two of them bear finds none."""
    known = units[["district_code", "district_name"]].dropna().drop_duplicates()
    names: dict[str, set[str]] = {}
    for code, name in known.itertuples(index=False):
        for spelling in (name, _bare(name)):
            names.setdefault(spelling_key(spelling), set()).add(code)
    codes, issues = [], []
    told: set[str] = set()
    for row, cells in table.rows.iterrows():
        code, name = cells.get("district_code"), cells.get("district_name")
        found = {code} & set(known["district_code"]) if isinstance(code, str) else set()
        found = found or names.get(spelling_key(str(name)), set()) or names.get(spelling_key(_bare(str(name))), set())
        codes.append(next(iter(found)) if len(found) == 1 else None)
        said = str(name if isinstance(name, str) else code)
        if len(found) != 1 and said not in told:
            told.add(said)
            place = {"file": table.source.path.name, "row": row, "value": said}
            issues.append(Issue.of("error", "assessments.unknown_district", **place, district=said))
    return pd.Series(codes, index=table.rows.index, dtype="str"), issues


def _bare(name: str) -> str:
    for kind in ("Huyện ", "Thành phố ", "Thị xã ", "Quận "):
        if name.startswith(kind):
            return name.removeprefix(kind)
    return name


def _titles(units: pd.DataFrame, level: str) -> dict[str, str]:
    """Return the names of communes or districts by code."""
    if level == "commune":
        return {str(code): str(name) for code, name in units["commune_name"].dropna().items()}
    known = units[["district_code", "district_name"]].dropna()
    return dict(zip(known["district_code"], known["district_name"], strict=True))


def _wide(table: AssessmentTable, codes: pd.Series, titles: Mapping[str, str]) -> tuple[pd.DataFrame, list[Issue]]:
    """Turn the long table into one column per code; two different answers leave the cell unknown."""
    rows = table.rows.assign(unit=codes)[codes.notna()]
    answers: dict[str, dict[str, bool | None]] = {}
    issues = []
    for (unit, code), group in rows.groupby(["unit", "code"], sort=True):
        said = group["answer"].dropna().unique()
        answers.setdefault(str(code), {})[str(unit)] = bool(said[0]) if len(said) == 1 else None
        if len(said) > 1:
            place = {"file": table.source.path.name, "row": ", ".join(map(str, group.index)), "column": code}
            name = titles.get(str(unit), str(unit))
            issues.append(Issue.of("error", "assessments.two_answers", **place, name=name, unit=unit, code=code))
    units = sorted(rows["unit"].unique())
    columns = {code: pd.array([cells.get(unit) for unit in units], dtype="boolean") for code, cells in answers.items()}
    return pd.DataFrame(columns, index=pd.Index(units, dtype="str")), issues


def _at_odds(wide: pd.DataFrame, rules: RuleSet, titles: Mapping[str, str], file: str) -> list[Issue]:
    """Report units whose criterion is said to be met while an indicator that it needs is said not to be."""
    issues = []
    for criterion in rules.criteria:
        whole = [name for name in dict.fromkeys((criterion.no, criterion.id)) if name in wide]
        needed = {name for leaf in _needed(criterion.of) for name in (leaf.code, leaf.id)}
        for name in whole:
            for part in sorted(needed & set(wide)):
                apart = wide[name].fillna(value=False) & (~wide[part]).fillna(value=False)
                for unit in wide.index[apart]:
                    words = {"name": titles.get(unit, unit), "unit": unit, "criterion": name, "indicator": part}
                    issues.append(
                        Issue.of("warning", "assessments.at_odds", file=file, column=part, value=words["name"], **words)
                    )
    return issues


def _needed(parts: Sequence[Node]) -> Iterator[Leaf]:
    """Yield the conditions that must hold whatever else does."""
    for part in parts:
        if isinstance(part, AllOf):
            yield from _needed(part.of)
        elif isinstance(part, (Test, Assessed, Reference)):
            yield part
