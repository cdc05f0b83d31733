"""How classes and the law's thresholds are called, on every face of the result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from geontm.messages import Language, say
from geontm.publish.classes import Cut
from geontm.publish.content import Threshold

__all__ = ["class_names", "plain_number", "threshold_line"]

_LONG = 6  # digits after the point
_SIGNS = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<", "equals": "="}


def class_names(cuts: Sequence[Cut], lang: Language, *, whole: bool = False) -> list[str]:
    """Name the classes between bounds as a legend does: *dưới 20*, *20 – dưới 30*, *từ 30*.

    Parameters
    ----------
    cuts : sequence of Cut
        Ascending; at least one.
    whole : bool
        The values are whole numbers: *3 – 9* instead of *3 – dưới 10*.
    """
    if whole:
        # The first whole number of each class; a class that holds none keeps a name of its own.
        firsts = [math.floor(cut.value) + 1 if cut.below else math.ceil(cut.value) for cut in cuts]
        if all(low < high for low, high in pairwise(firsts)):
            return _whole_names(firsts, lang)
    low, high = cuts[0], cuts[-1]
    first = say("publish.page_up_to" if low.below else "publish.page_below", lang, a=plain_number(low.value, lang))
    last = say("publish.page_above" if high.below else "publish.page_from", lang, a=plain_number(high.value, lang))
    return [first, *(_between(a, b, lang) for a, b in pairwise(cuts)), last]


def _whole_names(firsts: Sequence[int], lang: Language) -> list[str]:
    def between(a: int, b: int) -> str:
        text = plain_number(a, lang)
        return text if a == b else say("publish.page_span", lang, a=text, b=plain_number(b, lang))

    first = say("publish.page_up_to", lang, a=plain_number(firsts[0] - 1, lang))
    last = say("publish.page_from", lang, a=plain_number(firsts[-1], lang))
    return [first, *(between(a, b - 1) for a, b in pairwise(firsts)), last]


def _between(low: Cut, high: Cut, lang: Language) -> str:
    a, b = plain_number(low.value, lang), plain_number(high.value, lang)
    if low.value == high.value:
        return say("publish.page_exactly", lang, a=a)
    key = {
        (False, False): "page_between",
        (False, True): "page_span",
        (True, False): "page_above_below",
        (True, True): "page_above_to",
    }[low.below, high.below]
    return say(f"publish.{key}", lang, a=a, b=b)


def threshold_line(threshold: Threshold, lang: Language) -> str:
    """Say what the law asks, of whom, and where: *≥ 20: Xã khu vực III – Điều 3, 33/2020/QĐ-TTg*."""
    sign = f"{_SIGNS[threshold.comparison]}\u00a0{plain_number(threshold.value, lang)}"
    groups = " (" + ", ".join(group[lang] for group in threshold.groups) + ")" if threshold.groups else ""
    text = f"{sign}: {threshold.ruleset[lang]}{groups} – {threshold.place[lang]}"
    return text if threshold.verified else f"{text} ({say('publish.page_unverified', lang)})"


def plain_number(value: float, lang: Language) -> str:
    """Write a number for a legend, to eight digits after the point, with the language's own signs.

    A fraction without end (two thirds of the area) is written to two.
    """
    text = f"{value:,.8f}".rstrip("0").rstrip(".")
    if abs(value) >= 1 and len(text.partition(".")[2]) > _LONG:
        text = f"{value:,.2f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "vi" else text
