"""Amounts with the interval that printed rounding allows, and the few ways in which one follows from others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["RECIPES", "Amount", "Recipe", "read_amount", "written"]

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_HUNDRED = Fraction(100)


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


def _ends(values: Sequence[Fraction | None]) -> list[Fraction] | None:
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else None


def _combine(
    parts: Sequence[Amount],
    work: Callable[[Sequence[Fraction]], Fraction | None],
    falls: Sequence[bool],
) -> Amount:
    """Apply ``work``, which falls with the parts marked in ``falls`` and rises with the others, to values and ends."""
    value = _ends([part.value for part in parts])
    low = _ends([part.high if down else part.low for part, down in zip(parts, falls, strict=True)])
    high = _ends([part.low if down else part.high for part, down in zip(parts, falls, strict=True)])
    return Amount(*(work(side) if side is not None else None for side in (value, low, high)))


def _sum(parts: Sequence[Amount]) -> Amount:
    return _combine(parts, lambda v: sum(v, Fraction(0)), [False] * len(parts))


def _mean(parts: Sequence[Amount]) -> Amount:
    return _combine(parts, lambda v: sum(v, Fraction(0)) / len(v), [False] * len(parts))


def _difference(parts: Sequence[Amount]) -> Amount:
    return _combine(parts, lambda v: v[0] - v[1], [False, True])


def _product(parts: Sequence[Amount]) -> Amount:
    return _combine(parts, lambda v: v[0] * v[1], [False, False])


def _points_of(parts: Sequence[Amount]) -> Amount:
    return _combine(parts, lambda v: v[0] * v[1] / _HUNDRED, [False, False])


def _quotient(times: Fraction, over: Fraction = Fraction(0)) -> Callable[[Sequence[Amount]], Amount]:
    """Return first × times ÷ (second + over), unknown where the divisor is not above zero."""

    def work(values: Sequence[Fraction]) -> Fraction | None:
        divisor = values[1] + over
        return values[0] * times / divisor if divisor > 0 else None

    return lambda parts: _combine(parts, work, [False, True])


def _growth(parts: Sequence[Amount]) -> Amount:
    def work(values: Sequence[Fraction]) -> Fraction | None:
        return (values[0] / values[1] - 1) * _HUNDRED if values[1] > 0 else None

    return _combine(parts, work, [False, True])


def _first(parts: Sequence[Amount]) -> Amount:
    return parts[0]


# Amounts are of things that are not negative, so that a product rises with both factors.
RECIPES: Mapping[str, Recipe] = {
    "sum": Recipe(0, _sum, "{+}"),
    "mean": Recipe(0, _mean, "({+}) ÷ {n}", 2),
    "difference": Recipe(2, _difference, "{0} − {1}"),
    "product": Recipe(2, _product, "{0} × {1}"),
    "ratio": Recipe(2, _quotient(Fraction(1)), "{0} ÷ {1}", 2),
    "share_pct": Recipe(2, _quotient(_HUNDRED), "{0} ÷ {1} × 100", 1),
    "pair": Recipe(2, _first, "{0}/{1}"),
    "plan_from_share": Recipe(2, _quotient(_HUNDRED), "{0} ÷ {1}%", 0),
    "total_from_fall": Recipe(2, _quotient(_HUNDRED), "{0} ÷ {1}%", 0),
    "count_from_points": Recipe(2, _points_of, "{0}% × {1}", 0),
    "fall": Recipe(2, _difference, "{0} − {1}"),
    "value_before_fall": Recipe(2, _sum, "{0} + {1}"),
    "growth_pct": Recipe(2, _growth, "({0} ÷ {1} − 1) × 100", 2),
    "value_before_growth": Recipe(2, _quotient(_HUNDRED, _HUNDRED), "{0} ÷ (100% + {1}%)", 2),
}
