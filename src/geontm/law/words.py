"""Numbers, limits and citations in the planner's words, Vietnamese and English."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any

from geontm.law.nodes import ByGroup, Comparison, Leaf, Limit, Range, Test, Threshold, Times
from geontm.law.rules import RuleSet
from geontm.messages import Language, say
from geontm.tables import Column, Label

__all__ = [
    "as_read",
    "citation",
    "cite",
    "code_threshold",
    "code_value",
    "say_amount",
    "say_day",
    "say_limit",
    "say_number",
    "say_threshold",
    "say_unit",
    "say_value",
    "uncapitalised",
    "unit_read",
    "unit_words",
]

_SIGNS = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<", "equals": "=", "one_of": "in"}
_SWAP = str.maketrans(",.", ".,")
_WIDE = Context(prec=400)
_FACTOR = Column("factor", "number", Label("lần", "times"), unit="lần")
_NUMBERS = re.compile(r"\d+(?:–\d+)?")
_UNITS = {
    "hộ": "law.unit_households",
    "người": "law.unit_people",
    "tiêu chí": "law.unit_criteria",
    "triệu đồng/năm": "law.unit_million_dong",
    "đồng": "law.unit_dong",
    "đồng/tháng": "law.unit_dong_month",
    "lần": "law.unit_times",
    "thôn": "law.unit_villages",
    "chỉ tiêu": "law.unit_indicators",
    "xã": "law.unit_communes",
    "tỉnh": "law.unit_provinces",
    "huyện": "law.unit_districts",
    "thành phố": "law.unit_cities",
    "phường": "law.unit_wards",
    "thị trấn": "law.unit_townships",
    "đặc khu": "law.unit_special_zones",
    "trường": "law.unit_schools",
    "nhà": "law.unit_houses",
    "mô hình": "law.unit_models",
    "lĩnh vực": "law.unit_fields",
    "công trình": "law.unit_works",
    "chỉ số": "law.unit_deprivations",
    "m²/người": "law.unit_m2_person",
    "lít/người/ngày đêm": "law.unit_litres",
    "phút": "law.unit_minutes",
    "triệu đồng": "law.unit_million_dong_once",
    "m³/ngày": "law.unit_m3_day",
}
_ANNEX = "Annex"
_EXACT = 10  # digits that survive a share's way to percent


def say_number(number: float, lang: Language, *, near: tuple[float, ...] = (), digits: int = 2) -> str:
    """Write a number with at most ``digits`` decimals, in Vietnamese with a decimal comma.

    Where rounding would make it look like one of the limits in ``near`` that it only comes close to, all digits stand,
    so that 19.999 never reads as 20.
    """
    text = _rounded(number, digits)
    for limit in near:
        if abs(number - limit) < 0.1**digits and number != limit and text == _rounded(limit, digits):
            text = f"{Decimal(repr(number)):,f}"
            break
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.translate(_SWAP) if lang == "vi" else text


def _rounded(number: float, digits: int) -> str:
    """Write a number with fixed decimals, half rounded up, as cards and workbooks show it."""
    text = f"{Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, _WIDE):,f}"
    return text if text.strip("-0.,") else text.removeprefix("-")


def say_day(day: date, lang: Language) -> str:
    """Write a day: 29/01/2026 in Vietnamese, 2026-01-29 in English."""
    return f"{day:%d/%m/%Y}" if lang == "vi" else day.isoformat()


def say_value(value: Any, column: Column, lang: Language, *, near: tuple[float, ...] = ()) -> str:
    """Write a value with its unit, a category by its label, a boolean as yes or no."""
    if column.type == "boolean":
        return say("law.yes" if value else "law.no", lang)
    if column.type in ("number", "integer"):
        return say_amount(float(value), column, lang, near=near)
    label = column.choices.get(str(value))
    return label[lang] if label else str(value)


def say_amount(value: float, column: Column, lang: Language, *, near: tuple[float, ...] = ()) -> str:
    """Write a number of a column with its unit: ``66,7%``, ``12 km``; a share, kept from 0 to 1, in percent."""
    number = say_number(
        as_read(value, column), lang, near=tuple(as_read(each, column) for each in near), **_decimals(column)
    )
    unit = unit_read(column)
    return f"{number}%" if unit == "%" else f"{number} {say_unit(unit, lang)}".rstrip()


def as_read(value: float, column: Column) -> float:
    """Return a value as people read it: a share in percent."""
    return round(100 * value, _EXACT) if _is_share(column) else value


def unit_read(column: Column) -> str:
    """Return the unit of a column's values as people read them."""
    return "%" if _is_share(column) else column.unit


def _is_share(column: Column) -> bool:
    return column.name.endswith("_share")


def _decimals(column: Column) -> dict[str, int]:
    return {"digits": 1} if _is_share(column) else {}


def say_limit(comparison: Comparison, limit: Limit | None, column: Column, lang: Language) -> str:
    """Write a condition on a column: "from 20% upward", "under 10%", "yes"."""
    match limit:
        case None:
            return say("law.limit_unknown", lang)
        case Range(low=low, high=high, low_closed=closed):
            words = {"low": say_number(as_read(low, column), lang), "high": say_value(high, column, lang)}
            return say("law.within" if closed else "law.within_above", lang, **words)
        case tuple():
            return say("law.one_of", lang, limits=", ".join(say_value(one, column, lang) for one in limit))
        case _ if comparison == "at_least" and limit == column.maximum:
            return say("law.whole", lang, limit=say_value(limit, column, lang))
        case int() | float() if comparison == "equals" and not isinstance(limit, bool):
            return say("law.equals_number", lang, limit=say_value(limit, column, lang))
        case _:
            return say(f"law.{comparison}", lang, limit=say_value(limit, column, lang))


def say_threshold(test: Test, lang: Language) -> str:
    """Write the whole threshold of a test, group by group where it differs."""
    return _say_part(test, test.threshold, lang)


def code_value(value: Any, column: Column) -> str:
    """Write a value for machines: decimal point, no unit, ``true`` and ``false``."""
    if column.type == "boolean":
        return "true" if value else "false"
    if column.type in ("number", "integer"):
        return f"{float(value):.15g}"
    return str(value)


def code_threshold(comparison: Comparison, limit: Limit | None) -> str:
    """Write a limit for machines: ``>= 20``, ``[12, 15)``, ``false`` (the value to equal); empty where it is unknown.

    No sign of equality stands in front: a spreadsheet takes a cell that begins with one for a formula.
    """
    match limit:
        case None:
            return ""
        case Range():
            left, right = "[" if limit.low_closed else "(", "]" if limit.high_closed else ")"
            return f"{left}{limit.low:.15g}, {limit.high:.15g}{right}"
        case tuple():
            return f"in {', '.join(limit)}"
        case bool():
            return str(limit).lower()
        case str():
            return limit
        case _:
            return f"{_SIGNS[comparison]} {limit:.15g}".removeprefix("= ")


def cite(leaf: Leaf, rules: RuleSet, lang: Language) -> str:
    """Name where a condition stands: in the rule set's document, or in the one that an override brought."""
    if isinstance(leaf, Test) and leaf.origin is not None:
        document = leaf.origin.document
        return f"{_article(leaf.article, lang)}, {document}" if leaf.article else document
    return citation(rules, leaf.article, lang)


def citation(rules: RuleSet, article: str, lang: Language) -> str:
    """Name the article, where it is known, and the document of a rule."""
    source = rules.source
    document = source.document
    if source.amended_by:
        document = say("law.amended", lang, document=document, amended_by=source.amended_by)
    return f"{_article(article, lang)}, {document}" if article else document


def say_unit(unit: str, lang: Language) -> str:
    """Write a unit of the column dictionary; those that are words are translated."""
    return say(_UNITS[unit], lang) if unit in _UNITS else unit


def unit_words() -> dict[str, Label]:
    """Return the units of the column dictionary that are words, in both languages."""
    return {unit: Label(say(key, "vi"), say(key, "en")) for unit, key in _UNITS.items()}


def uncapitalised(label: str) -> str:
    """Write a label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]


@lru_cache(maxsize=512)
def _article(article: str, lang: Language) -> str:
    if article.startswith(_ANNEX):
        return say("law.annex", lang, no=article.removeprefix(_ANNEX).strip()).strip()
    head, _, clause = article.partition(".")
    if not _NUMBERS.fullmatch(head):
        return article
    if clause:
        return say("law.clause", lang, article=head, clause=clause)
    return say("law.article", lang, article=head)


def _say_part(test: Test, threshold: Threshold, lang: Language) -> str:
    if isinstance(threshold, Times):
        factor = _say_part(replace(test, column=_FACTOR), threshold.factor, lang)
        return say("law.times", lang, factor=factor, figure=say(f"law.figure_{threshold.figure}", lang))
    if not isinstance(threshold, ByGroup):
        return say_limit(test.comparison, threshold, test.column, lang)
    by_words: dict[str, list[str]] = {}
    for name, inner in threshold.limits.items():
        by_words.setdefault(_say_part(test, inner, lang), []).append(_say_group(threshold, name, lang))
    if not threshold.exhaustive:
        by_words.setdefault(_say_part(test, threshold.default, lang), []).append(say("law.other_groups", lang))
    if len(by_words) == 1:  # the same for every group that there is
        return next(iter(by_words))
    return "; ".join(f"{', '.join(groups)}: {words}" for words, groups in by_words.items())


def _say_group(threshold: ByGroup, name: str, lang: Language) -> str:
    label = threshold.column.choices.get(name) if threshold.column else None
    return label[lang] if label else name
