"""What the law says below and above the commune: households → villages → communes, then districts and provinces.

A figure of the official review stands wherever there is one; what was counted from the units below fills the gaps, and
a difference between the two is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geontm import classify
from geontm.classify.households import HouseholdClasses, classify_households, year_of_standard
from geontm.classify.rates import Holds, count_answers, household_rates, poverty_rates, prefer_given, roll_up
from geontm.law import RuleSet
from geontm.pipeline.gained import Gained, name_codes
from geontm.pipeline.household_water import take_household_water
from geontm.pipeline.lower_units import PreparedLower
from geontm.pipeline.shares import allowances_of, shares
from geontm.project import Project, national_figures
from geontm.project.dictionary import read_dictionary
from geontm.tables import Issue

__all__ = ["LowerFound", "classify_lower"]

_MULTIDIMENSIONAL_SINCE = "2021"  # from this standard on the rate of the law adds the near-poor
_SUMMED = ("household_count", "population", "poor_household_count", "near_poor_household_count")


@dataclass(frozen=True)
class LowerFound:
    """What the units below give.

    Attributes
    ----------
    communes : DataFrame, index ``commune_code``
        Columns to put beside those of the communes: rates and shares, given figures kept; bounds
        (``<name>_low``, ``<name>_high``) where some commune's value is not known.
    villages : DataFrame
        As published: one row per village, its figures, verdicts and rates.
    households : DataFrame
        As published: ``household_id, commune_code, village_code`` and the class under each standard.
    poverty : DataFrame, long
        ``unit, unit_code, ruleset`` and the rates, from villages to provinces.
    verdicts : classify.Verdicts or None
        Of the villages.
    issues : tuple of Issue
    """

    communes: pd.DataFrame
    villages: pd.DataFrame | None = None
    households: pd.DataFrame | None = None
    poverty: pd.DataFrame | None = None
    verdicts: classify.Verdicts | None = None
    issues: tuple[Issue, ...] = ()


def classify_lower(project: Project, prepared: PreparedLower, communes: pd.DataFrame) -> LowerFound:
    """Judge households and villages, and work out what they give to the communes.

    Parameters
    ----------
    project : Project
    prepared : PreparedLower
    communes : DataFrame, index ``commune_code``
        The wide table so far: identity, given figures, measures.
    """
    if prepared.villages is None:
        return LowerFound(pd.DataFrame(index=communes.index))
    issues: list[Issue] = []
    classes: tuple[HouseholdClasses, ...] = ()
    if prepared.households is not None:
        classes = classify_households(
            prepared.households,
            prepared.standards,
            read_dictionary("households"),
            as_of=project.as_of,
            allow_unverified=allowances_of(prepared.standards, project.allow_unverified),
        )
        issues += [_in_file(issue, prepared.files[1]) for each in classes for issue in each.issues]
    counted = _Counted(prepared, classes, communes, issues)
    villages = counted.villages()
    villages, verdicts = _judge_villages(project, prepared, villages, communes, issues)
    gained = Gained(communes, project.words.indicators, prepared.files, issues)
    for name, values in counted.of_communes().items():
        gained.take(name, values)
    for name, values in _sums_of_villages(villages, communes, prepared).items():
        gained.take(name, values)
    of_water = take_household_water(gained, prepared, holds=counted.holds, totals=counted.totals)
    issues += [_in_file(issue, prepared.files[1]) for issue in of_water]
    if verdicts is not None:
        for frame in shares(verdicts, villages["commune_code"], communes, project, "commune").values():
            gained.take_bounded(frame)
    return LowerFound(
        communes=gained.table(),
        villages=_published_villages(villages, communes),
        households=_published_households(prepared, classes),
        poverty=counted.long(),
        verdicts=verdicts,
        issues=(*issues, *(verdicts.issues if verdicts else ())),
    )


def _in_file(issue: Issue, file: str) -> Issue:
    return Issue(issue.severity, issue.message, file, issue.sheet, issue.row, issue.column, issue.value)


class _Counted:
    """Households counted by village, commune, district and province, under every standard."""

    def __init__(
        self,
        prepared: PreparedLower,
        classes: tuple[HouseholdClasses, ...],
        communes: pd.DataFrame,
        issues: list[Issue],
    ) -> None:
        self.prepared, self.classes, self.units = prepared, classes, communes
        assert prepared.villages is not None
        self.listed = prepared.villages
        self.by_village: dict[str, pd.DataFrame] = {}
        self.by_commune: dict[str, pd.DataFrame] = {}
        own = self.listed.get("household_count")
        self.totals = totals = self._totals_of_communes(own)
        self.holds: Holds = prepared.holds
        if prepared.households is None:
            return
        self.holds = holds = self._holds(issues)
        for each in classes:
            self.by_village[each.ruleset] = poverty_rates(
                each.table, prepared.households["village_key"], self.listed.index, totals=own, holds=holds
            )
            self.by_commune[each.ruleset] = poverty_rates(
                each.table, prepared.households["commune_code"], communes.index, totals=totals, holds=holds
            )
        if classes:
            self._tell_totals(totals, issues)

    def _holds(self, issues: list[Issue]) -> Holds:
        """Tell what the table lists; a table of nothing but the poor does not hold all households."""
        if self.prepared.holds_told:
            return self.prepared.holds
        place = {"file": self.prepared.files[1], "column": "holds"}
        need = [each.table["poor_or_near_poor"] for each in self.classes]
        if need and all(answers.fillna(False).all() for answers in need):
            issues.append(Issue.of("error", "lower.only_the_poor", **place, n=len(need[0])))
            return "some"
        issues.append(Issue.of("info", "lower.taken_as_all", **place))
        return "all"

    def _totals_of_communes(self, own: pd.Series[Any] | None) -> pd.Series[Any]:
        """Return the households of each commune: its own figure, else the sum of its villages if all are known."""
        given = pd.Series(pd.NA, index=self.units.index, dtype="Int64")
        if "household_count" in self.units:
            given = self.units["household_count"].astype("Int64")
        if own is None:
            return given
        groups = own.groupby(self.listed["commune_code"].to_numpy())
        complete = groups.count() == groups.size()
        return given.fillna(groups.sum().where(complete).reindex(self.units.index).astype("Int64"))

    def _tell_totals(self, totals: pd.Series[Any], issues: list[Issue]) -> None:
        """Tell where more households are listed than a commune is said to have."""
        first = self.by_commune[self.classes[0].ruleset]
        more = (first["listed_household_count"] > totals).fillna(False)
        if more.any():
            place = {"file": self.prepared.files[1], "column": "household_count", "value": name_codes(more)}
            issues.append(Issue.of("warning", "lower.more_than_the_total", **place, n=int(more.sum())))

    def villages(self) -> pd.DataFrame:
        """Return the villages with what their households give, their own figures kept."""
        villages = _with_shares(self.listed)
        if not self.classes:
            return villages
        first = self.classes[0]
        rates = self._named(self.by_village[first.ruleset], first.ruleset)
        households = self.prepared.households
        if households is not None and "ethnic_minority" in households:
            rates |= self._of_minorities(households["village_key"], self.by_village[first.ruleset], villages.index)
        known = read_dictionary("villages")
        for name, computed in rates.items():
            column = name.removesuffix("_low").removesuffix("_high")
            if column not in known:
                continue
            given = villages[name] if name in villages else pd.Series(pd.NA, index=villages.index, dtype=computed.dtype)
            villages[name] = prefer_given(given, computed, within=0)[0]
        return villages

    def of_communes(self) -> dict[str, pd.Series[Any]]:
        """Return what households give to the communes, under the standard in force."""
        if not self.classes:
            return {}
        rates = self.by_commune[self.classes[0].ruleset]
        named = self._named(rates, self.classes[0].ruleset)
        households = self.prepared.households
        if households is not None and "ethnic_minority" in households:
            named |= self._of_minorities(households["commune_code"], rates, self.units.index)
        return named

    def _named(self, rates: pd.DataFrame, ruleset: str) -> dict[str, pd.Series[Any]]:
        named = {str(name): rates[name] for name in rates if name != "listed_household_count"}
        year = next(year_of_standard(rules) for rules in self.prepared.standards if rules.id == ruleset)
        if year >= _MULTIDIMENSIONAL_SINCE:
            for end in ("", "_low", "_high"):
                named[f"multidimensional_poverty_pct{end}"] = rates[f"poor_and_near_poor_household_pct{end}"]
        return named

    def _of_minorities(self, groups: pd.Series[Any], rates: pd.DataFrame, units: pd.Index) -> dict[str, pd.Series[Any]]:
        """Count ethnic minority households: among all, among the poor, and how many are poor."""
        assert self.prepared.households is not None
        minority = self.prepared.households["ethnic_minority"].astype("boolean")
        poor = self.classes[0].table["poor"]
        among_all = household_rates(
            minority, groups, units, whole=rates["household_count"], name="ethnic_minority_household_pct"
        )
        found = {str(name): among_all[name] for name in among_all}
        told = count_answers(minority & poor, groups, units)
        count = told["met"].astype("Int64").where((told["unknown"] == 0) & rates["poor_household_count"].notna())
        found["poor_ethnic_minority_household_count"] = count
        of_poor = 100 * count.astype("Float64") / rates["poor_household_count"].replace(0, pd.NA).astype("Float64")
        found["ethnic_minority_of_poor_households_pct"] = of_poor
        return found

    def long(self) -> pd.DataFrame | None:
        """Return the rates of every unit under every standard, side by side in rows."""
        if not self.classes:
            return None
        parts = []
        for each in self.classes:
            communes = self.by_commune[each.ruleset]
            levels = {"village": self.by_village[each.ruleset], "commune": communes}
            for unit in ("district", "province"):
                codes = self.units.get(f"{unit}_code")
                if codes is not None and codes.notna().any():
                    levels[unit] = roll_up(communes, codes, pd.Index(sorted(codes.dropna().unique())))
            for unit, rates in levels.items():
                frame = rates.rename_axis("unit_code").reset_index()
                frame.insert(0, "unit", unit)
                frame.insert(2, "ruleset", each.ruleset)
                parts.append(frame)
        return pd.concat(parts, ignore_index=True)


def _with_shares(villages: pd.DataFrame) -> pd.DataFrame:
    """Fill shares that follow from the counts of the same table; given shares stand."""
    filled = villages.copy()
    if "household_count" not in filled:
        return filled
    whole = filled["household_count"].replace(0, pd.NA).astype("Float64")
    pairs = [("poor_household_pct", "poor_household_count"), ("near_poor_household_pct", "near_poor_household_count")]
    for pct, count in pairs:
        if count in filled:
            computed = 100 * filled[count].astype("Float64") / whole
            computed = computed.mask((computed > 100).fillna(False))
            filled[pct] = filled[pct].fillna(computed) if pct in filled else computed
    both = "poor_and_near_poor_household_pct"
    if {"poor_household_count", "near_poor_household_count"} <= set(filled):
        number = filled["poor_household_count"] + filled["near_poor_household_count"]
        computed = (100 * number.astype("Float64") / whole).mask((number > filled["household_count"]).fillna(False))
        filled[both] = filled[both].fillna(computed) if both in filled else computed
    return filled


def _judge_villages(
    project: Project,
    prepared: PreparedLower,
    villages: pd.DataFrame,
    communes: pd.DataFrame,
    issues: list[Issue],
) -> tuple[pd.DataFrame, classify.Verdicts | None]:
    """Answer the village rules; a class that the table itself gives is the official review and stands."""
    rulesets = [rules for rules in project.rulesets if rules.unit == "village"]
    if not rulesets:
        return villages, None
    table = villages.copy()
    of_villages = read_dictionary("villages")
    for name in dict.fromkeys(name for rules in rulesets for name in rules.indicators):
        if name in communes and (name == "region" or name not in of_villages):
            above = villages["commune_code"].map(communes[name]).astype(communes[name].dtype)
            table[name] = table[name].fillna(above) if name in table else above
    lists = [
        classify.OfficialList(
            ruleset=rules.id,
            entries=pd.DataFrame({"value": villages[column].dropna()}),
            column=column,
            file=prepared.files[0],
        )
        for column, rules in _first_giver(rulesets, project).items()
        if column in villages and villages[column].notna().any()
    ]
    verdicts = classify.evaluate_all(
        table.drop(columns=[name for name in table if name in {c for r in rulesets for c in r.columns}]),
        rulesets,
        lists=lists,
        question=classify.Question(
            project.as_of,
            allowances_of(rulesets, project.allow_unverified),
            national_figures(),
            unit="village",
        ),
    )
    return pd.concat(
        [table.drop(columns=table.columns.intersection(verdicts.wide.columns)), verdicts.wide], axis=1
    ), verdicts


def _first_giver(rulesets: Sequence[RuleSet], project: Project) -> dict[str, RuleSet]:
    """Return for each result column the rule set in force that fills it."""
    ordered = sorted(rulesets, key=lambda rules: project.as_of not in rules.in_force)
    givers: dict[str, RuleSet] = {}
    for rules in ordered:
        for column in rules.columns:
            givers.setdefault(column, rules)
    return givers


def _sums_of_villages(
    villages: pd.DataFrame, communes: pd.DataFrame, prepared: PreparedLower
) -> dict[str, pd.Series[Any]]:
    """Add up the villages of each commune where every one is known and none is said to be missing."""
    if not prepared.villages_listed:
        return {}
    groups = villages.groupby("commune_code")
    size = groups.size().reindex(communes.index).astype("Int64")
    whole = size.notna()
    if "village_count" in communes:
        whole &= ~(communes["village_count"].astype("Int64") > size).fillna(False)
    summed: dict[str, pd.Series[Any]] = {}
    for name in _SUMMED:
        if name in villages:
            known = groups[name].count().reindex(communes.index).astype("Int64")
            total = groups[name].sum().reindex(communes.index).astype("Int64")
            summed[name] = total.where(whole & (known == size).fillna(False))
    base = summed.get("household_count")
    for pct, parts in (
        ("poor_household_pct", ("poor_household_count",)),
        ("near_poor_household_pct", ("near_poor_household_count",)),
        ("poor_and_near_poor_household_pct", ("poor_household_count", "near_poor_household_count")),
    ):
        if base is not None and all(part in summed for part in parts):
            number = sum((summed[part] for part in parts[1:]), summed[parts[0]])
            summed[pct] = 100 * number.astype("Float64") / base.replace(0, pd.NA).astype("Float64")
    return summed


def _published_villages(villages: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """Return the villages as published: the key first, then where they lie."""
    table = villages.drop(columns="village_code", errors="ignore").rename_axis("village_code").reset_index()
    first = {name: villages["commune_code"].map(communes[name]).array for name in _ABOVE if name in communes}
    place = pd.DataFrame(first)
    rest = [name for name in table if name not in ("village_code", "commune_code", "village_name", *place)]
    table = pd.concat([table[["village_code", "village_name", "commune_code"]], place, table[rest]], axis=1)
    return table.sort_values(["commune_code", "village_code"], kind="stable", ignore_index=True)


_ABOVE = ("commune_name", "province_code", "province_name", "district_code", "district_name")


def _published_households(prepared: PreparedLower, classes: tuple[HouseholdClasses, ...]) -> pd.DataFrame | None:
    """Return households as published: code, place and class; nothing else of what was read."""
    if prepared.households is None:
        return None
    rows = prepared.households
    table = rows[["household_id", "commune_code"]].assign(village_code=rows["village_key"])
    if "area_type" in rows:
        table["area_type"] = rows["area_type"]
    for each in classes:
        year = each.ruleset.rsplit("-", 1)[-1]
        table[f"poverty_class_{year}"] = each.table["class"]
        table[f"poverty_class_{year}_source"] = each.table["source"]
        table[f"deprivation_count_{year}_low"] = each.table["deprivations_low"]
        table[f"deprivation_count_{year}_high"] = each.table["deprivations_high"]
    return table.sort_values(["commune_code", "village_code", "household_id"], kind="stable", ignore_index=True)
