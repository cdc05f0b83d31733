"""What a layer of a map comes to: the record that everything draws which draws a choropleth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geontm.messages import Language, say
from geontm.publish.class_words import class_names, plain_number, threshold_line
from geontm.publish.classes import Cut
from geontm.publish.content import Content, Threshold
from geontm.publish.offered import column_of, label_of, missing_of
from geontm.publish.origins import Origin, origin_of, sources_by_year
from geontm.publish.spelt import unit_of
from geontm.publish.styles import Category, LayerStyle, MapStyle, Method
from geontm.tables import Label, list_briefly

__all__ = [
    "NO_DATA",
    "Axis",
    "Origin",
    "Theme",
    "about",
    "numbers_of",
    "origin_of",
    "plain_values",
    "sources_by_year",
    "ten_digits",
]

NO_DATA = "#9a978f"
_MOST_DOCUMENTS = 6


@dataclass(frozen=True)
class Axis:
    """One side of the square legend of two columns; places run from good to bad, 0 to 2.

    Attributes
    ----------
    column : str
    label, short : Label
    unit : str
    cuts : tuple of Cut
    names : tuple of Label
        Of the classes, by place; shorter than three where the values are few.
    reverse : bool
        Places run from high values to low ones: high is better.
    origin : Origin
    """

    column: str
    label: Label
    short: Label
    unit: str
    cuts: tuple[Cut, ...]
    names: tuple[Label, ...]
    origin: Origin
    reverse: bool = False
    illustrative: bool = False


@dataclass(frozen=True, eq=False)
class Theme:
    """One layer of a map, for the units of a run sorted by code.

    A product draws any layer from ``classes``, ``colours``, ``class_labels``, ``counts`` and ``unknown``, and tells
    ``method_lines`` below its legend; it need not know kinds.

    Attributes
    ----------
    style : LayerStyle
    label, short : Label
        Of the legend, and of a button.
    unit : str
        Unit of the values; ``%`` for shares, which are shown in percent; empty for two columns.
    values : Series, n rows, index ``commune_code``
        As shown; missing is unknown. Of two columns, the place on both axes: ``"0-2"``.
    classes : array of int, n
        Class or category of each unit; -1 where the value is unknown.
    colours : tuple of str
        ``#rrggbb`` per class.
    breaks : tuple of float
        Inner bounds of a choropleth's classes, ascending; empty for categories.
    below : tuple of bool
        Per bound: the bound itself belongs to the class below it. Elsewhere classes are ``[a, b)``.
    categories : tuple of Category
        Of a category layer, values that the style does not name among them; of two columns, the cells of the square.
    missing : Label
        What an empty value says.
    method : str
        How the classes were found; ``law`` falls back to ``fisher_jenks`` where there is no threshold.
    limits : tuple of tuple of Threshold
        Per bound, the thresholds of the law on it, as shown (shares in percent).
    middle : int or None
        Which bound a two-sided ramp turns at.
    first : Label or None
        Name of the first class where it holds 0 alone: *không giáp biên giới*.
    years : tuple of int
        The years that the bounds are common to; empty where the column has one year.
    year : int or None
        The year shown; None for the newest figure of each unit.
    whole : bool
        The values are whole numbers.
    axes : tuple of Axis
        Two for ``kind="bivariate"``: within a row, and by rows.
    basis : tuple of str
        Documents behind the answers of a rule set; empty for a column of figures.
    """

    style: LayerStyle
    label: Label
    short: Label
    unit: str
    values: pd.Series
    classes: NDArray[np.int64]
    colours: tuple[str, ...]
    missing: Label
    breaks: tuple[float, ...] = ()
    below: tuple[bool, ...] = ()
    categories: tuple[Category, ...] = ()
    origin: Origin = field(default_factory=Origin)
    note: Label | None = None
    illustrative: bool = False
    method: Method = "fisher_jenks"
    limits: tuple[tuple[Threshold, ...], ...] = ()
    middle: int | None = None
    first: Label | None = None
    years: tuple[int, ...] = ()
    year: int | None = None
    whole: bool = False
    axes: tuple[Axis, ...] = ()
    basis: tuple[str, ...] = ()

    @property
    def cuts(self) -> list[Cut]:
        """The inner bounds with their sides."""
        return [Cut(value, below) for value, below in zip(self.breaks, self.below, strict=True)]

    @property
    def counts(self) -> list[int]:
        """Units per class."""
        return [int(n) for n in np.bincount(self.classes[self.classes >= 0], minlength=len(self.colours))]

    @property
    def unknown(self) -> int:
        """Units without a value."""
        return int((self.classes < 0).sum())

    def class_labels(self, lang: Language) -> list[str]:
        """Name each class as a legend does: *dưới 20*, *20 – dưới 30*, *từ 30*."""
        if self.categories:
            return [category.label[lang] for category in self.categories]
        if not self.breaks:
            known = self.values.dropna()
            if len(known) and self.style.zero and not float(known.iloc[0]):
                return [self.style.zero.label[lang]]
            return [plain_number(float(known.iloc[0]), lang)] if len(known) else []
        names = class_names(self.cuts, lang, whole=self.whole)
        return [self.first[lang], *names[1:]] if self.first else names

    def method_lines(self, lang: Language) -> list[str]:
        """Say how the classes were found, to be printed below every legend; of verdicts, by which documents.

        Of a column that stands in no file, also how it was worked out.
        """
        how = [self.origin.how[lang]] if self.origin.how else []
        if self.basis:
            told = say("publish.page_basis", lang, documents=list_briefly(self.basis, "; ", most=_MOST_DOCUMENTS))
            return [told, *how]
        if self.style.kind == "category" or not self.colours:
            return how
        if len(self.colours) == 1:
            return [say("publish.page_method_one", lang), *how]
        lines = [say(f"publish.page_method_{self.method}", lang, n=len(self.colours))]
        if self.first:
            lines.append(say("publish.page_zero_apart", lang, label=self.first[lang]))
        if self.middle is not None:
            lines = [say("publish.page_middle", lang, a=plain_number(self.breaks[self.middle], lang)), *lines]
        if self.style.by_law and not any(self.limits):
            lines.append(say("publish.page_without_law", lang))
        lines += [threshold_line(each, lang) for limits in self.limits for each in limits]
        if self.years and self.style.kind == "choropleth":
            lines.append(say("publish.page_common_breaks", lang, a=self.years[0], b=self.years[-1]))
        return [*lines, *how]


def about(
    content: Content, style: MapStyle, layer: LayerStyle, values: pd.Series, *, year: int | None = None
) -> dict[str, Any]:
    """Gather what a theme tells of its column."""
    name = layer.column
    label, short = label_of(content, style, name)
    column = column_of(content, name)
    if layer.by_law:
        label, short = (_by_law(each) for each in (label, short))
    return {
        "style": layer,
        "label": label,
        "short": short,
        "unit": unit_of(column),
        "values": values,
        "year": year,
        "missing": missing_of(content, name, layer.missing),
        "origin": origin_of(content, name, year=year),
        "note": column.note or None,
        "illustrative": name in content.illustrative,
        "basis": content.bases.get(name, ()),
    }


def _by_law(label: Label) -> Label:
    return Label(*(say("publish.page_by_law", lang, label=label[lang]) for lang in ("vi", "en")))


def numbers_of(values: pd.Series) -> NDArray[np.float64]:
    """Return the values of a numeric column as floats, to the ten digits that pages carry; NaN where unknown.

    A page then finds the classes that paper shows, also for a share of exactly two thirds.
    """
    found = np.array(values.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    # Six digits after the point and four before it, or ten before it, are ten at most: most figures are there already.
    small = np.where(np.abs(found) < 1e4, found, np.nan)
    exact = (np.rint(small * 1e6) / 1e6 == small) | np.isnan(found)
    exact |= (np.abs(found) < 1e10) & (np.rint(found) == found)
    found[~exact] = [ten_digits(value) for value in found[~exact].tolist()]
    return found


def ten_digits(value: float) -> float:
    """Round a number to the ten digits that pages carry."""
    return float(f"{value:.10g}")


def plain_values(column: pd.Series) -> list[Any]:
    """Plain values: numbers to ten digits, booleans, texts; None where unknown."""
    if pd.api.types.is_float_dtype(column.dtype):
        return [None if value != value else _whole(value) for value in numbers_of(column).tolist()]
    return [_plain(value) for value in column.astype(object)]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if pd.isna(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _whole(ten_digits(float(value)))
    return str(value)


def _whole(number: float) -> float | int:
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
