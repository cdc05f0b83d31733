"""Amounts with the interval that printed rounding allows, and the few ways in which one follows from others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

__all__ = ["RECIPES", "Amount", "Recipe", "read_amount", "written"]

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,12})?")  # longer ones are no figures of a document


@dataclass(frozen=True)
class Amount:
    """A figure and the interval in which it lies; ``value`` None is unknown, an end that is None is open.

    Fractions keep sums and differences of printed decimals exact: 8.92 − 6.02 is 2.90 and not 2.8999….
    """

    value: Fraction | None
    low: Fraction | None
    high: Fraction | None

    @classmethod
    def exact(cls, value: Fraction | int) -> Amount:
        """Return an amount without doubt, such as a count."""
        return cls(Fraction(value), Fraction(value), Fraction(value))

    @classmethod
    def unknown(cls, low: Fraction | None = None, high: Fraction | None = None) -> Amount:
        """Return an unknown amount; its interval may still be known."""
        return cls(None, low, high)

    @property
    def sharp(self) -> bool:
        """Whether the interval is a single value."""
        return self.value is not None and self.low == self.high == self.value


def read_amount(text: str, *, rounded_to: Fraction | None = None) -> tuple[Amount, int] | None:
    """Read one printed number, decimals behind a point or a comma, no signs between thousands.

    Parameters
    ----------
    text : str
        ``"18.6"``, ``"18,6"``, ``"1856"``.
    rounded_to : Fraction, optional
        The step to which the author rounded. Without it a number with decimals is rounded to its last one, and a whole
        number is exact.

    Returns
    -------
    (Amount, int) or None
        The amount and its printed decimals; None where the text is no such number.
    """
    if not _NUMBER.fullmatch(text):
        return None
    plain = text.replace(",", ".")
    value, decimals = Fraction(plain), len(plain.partition(".")[2])
    step = rounded_to if rounded_to is not None else (Fraction(1, 10**decimals) if decimals else Fraction(0))
    return Amount(value, value - step / 2, value + step / 2), decimals


def written(value: Fraction | None, decimals: int) -> str:
    """Write a value with so many decimals, halves away from zero; negative ones round to tens or hundreds."""
    if value is None:
        return ""
    scale = Fraction(10) ** decimals
    scaled = abs(value) * scale
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    rounded = Fraction(whole) / scale * (-1 if value < 0 else 1)
    if decimals <= 0:
        return str(int(rounded))
    sign, digits = ("-" if rounded < 0 else ""), str(abs(rounded.numerator) * 10**decimals // rounded.denominator)
    digits = digits.rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


@dataclass(frozen=True)
class Recipe:
    """One way to make a figure of others.

    Attributes
    ----------
    needs : int
        How many figures it takes; 0 for one or more.
    work : callable
        Amounts to amount.
    formula : str
        How it reads, ``{0}``, ``{1}`` standing for the values.
    decimals : int or None
        Decimals of the result where the project says nothing; None: as many as the inputs print.
    """

    needs: int
    work: Callable[[Sequence[Amount]], Amount]
    formula: str
    decimals: int | None = None


Work = Callable[[Sequence[Fraction]], Fraction | None]


def _ends(values: Sequence[Fraction | None]) -> list[Fraction] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _added(parts: Sequence[Amount], share: int = 1) -> Amount:
    """Add the values, and the ends with their like."""
    sides = (_ends([getattr(part, side) for part in parts]) for side in ("value", "low", "high"))
    return Amount(*(sum(side, Fraction(0)) / share if side is not None else None for side in sides))


def _sum(parts: Sequence[Amount]) -> Amount:
    return _added(parts)


def _mean(parts: Sequence[Amount]) -> Amount:
    return _added(parts, len(parts))


def _at_the_corners(work: Work) -> Callable[[Sequence[Amount]], Amount]:
    """Make a way of two figures from its formula.

    It rises or falls with each figure all the way, so that its least and largest value stand where both are at an end;
    where it has no value at one of these corners, the ends are open.
    """

    def combine(parts: Sequence[Amount]) -> Amount:
        values = _ends([part.value for part in parts])
        value = work(values) if values is not None else None
        ends = [_ends([part.low, part.high]) for part in parts]
        if any(end is None for end in ends):
            return Amount(value, None, None)
        corners = _ends([work(corner) for corner in product(*(end for end in ends if end is not None))])
        return Amount(value, min(corners), max(corners)) if corners else Amount(value, None, None)

    return combine


def _quotient(times: int, over: int = 0) -> Work:
    """Return first × times ÷ (second + over), unknown where the divisor is not above zero."""

    def work(values: Sequence[Fraction]) -> Fraction | None:
        divisor = values[1] + over
        return values[0] * times / divisor if divisor > 0 else None

    return work


def _growth(values: Sequence[Fraction]) -> Fraction | None:
    return (values[0] / values[1] - 1) * 100 if values[1] > 0 else None


_difference = _at_the_corners(lambda values: values[0] - values[1])
_product = _at_the_corners(lambda values: values[0] * values[1])
_points_of = _at_the_corners(lambda values: values[0] * values[1] / 100)
_ratio, _percent = _at_the_corners(_quotient(1)), _at_the_corners(_quotient(100))
_before_growth = _at_the_corners(_quotient(100, 100))


def _first(parts: Sequence[Amount]) -> Amount:
    return parts[0]


RECIPES: Mapping[str, Recipe] = {
    "sum": Recipe(0, _sum, "{+}"),
    "mean": Recipe(0, _mean, "({+}) ÷ {n}", 2),
    "difference": Recipe(2, _difference, "{0} − {1}"),
    "product": Recipe(2, _product, "{0} × {1}"),
    "ratio": Recipe(2, _ratio, "{0} ÷ {1}", 2),
    "share_pct": Recipe(2, _percent, "{0} ÷ {1} × 100", 1),
    "pair": Recipe(2, _first, "{0}/{1}"),
    "plan_from_share": Recipe(2, _percent, "{0} ÷ {1}%", 0),
    "total_from_fall": Recipe(2, _percent, "{0} ÷ {1}%", 0),
    "count_from_points": Recipe(2, _points_of, "{0}% × {1}", 0),
    "fall": Recipe(2, _difference, "{0} − {1}"),
    "value_before_fall": Recipe(2, _sum, "{0} + {1}"),
    "growth_pct": Recipe(2, _at_the_corners(_growth), "({0} ÷ {1} − 1) × 100", 2),
    "value_before_growth": Recipe(2, _before_growth, "{0} ÷ (100% + {1}%)", 2),
}
