"""Maps described as data: which columns a map shows, in which colours and classes. Read by ``geontm.project``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from geontm.tables import Label

__all__ = ["Category", "Found", "GroundStyle", "LayerStyle", "MapStyle", "Method"]

Found: TypeAlias = Literal["fisher_jenks", "quantiles", "equal", "pretty"]
"""How classes are found from the values themselves."""

Method: TypeAlias = Literal["fisher_jenks", "quantiles", "equal", "pretty", "law", "thirds", "given"]


@dataclass(frozen=True)
class Category:
    """One named value of a category layer, its colour (``#rrggbb``) and what the legend calls it.

    ``size`` (mm) is that of a line or sign; 0 takes the layer's.
    """

    value: str
    colour: str
    label: Label
    size: float = 0.0


@dataclass(frozen=True)
class LayerStyle:
    """One layer of a map.

    Attributes
    ----------
    column : str
        Column of the wide table, or a pattern (``"*_travel_min"``) for every numeric column of the dictionary that
        the project has and that no other layer of the map names; ``"*"`` stands for all of them.
    kind : {"choropleth", "category", "bivariate"}
    palette : tuple of str
        Colours, one per class (``#rrggbb``), light to dark. They run from low to high values, or from high to low
        where the dictionary says that high is better: dark is where a planner should look. Around a middle, the first
        half is that of the values to be looked at. For categories, the colours of the values that ``categories`` does
        not name, in their order. For two columns, nine colours: the second column by rows, the first within a row,
        each from good to bad.
    method : {"fisher_jenks", "quantiles", "equal", "pretty", "law"}
        How classes are found. None samples, so the same figures give the same classes. ``law`` cuts at the thresholds
        of the project's rule sets; such a layer is offered only where there are any.
    around : float, "law" or None
        The middle of a two-sided ramp: a number, or the threshold of the law; classes are then found on each side.
    categories : tuple of Category
        For ``kind="category"``, in the order of the legend.
    group : Label or None
        Heading under which the layer is offered.
    missing : Label or None
        What an empty value says where it is more than a gap: outside the programme.
    against : str
        The second column of ``kind="bivariate"``.
    printed : bool
        The layer becomes sheets of paper; a map that marks none prints the first layer of every group.
    cuts : tuple of tuple of float
        Bounds of both columns of ``kind="bivariate"``; empty for thirds.
    zero : Category or None
        Where nothing is a kind of its own (*không giáp biên giới*): a class of exactly 0 with its colour and name,
        beside those of the values above it.
    """

    column: str
    kind: Literal["choropleth", "category", "bivariate"]
    palette: tuple[str, ...] = ()
    method: Method = "fisher_jenks"
    categories: tuple[Category, ...] = ()
    group: Label | None = None
    missing: Label | None = None
    around: float | Literal["law"] | None = None
    against: str = ""
    cuts: tuple[tuple[float, ...], ...] = ()
    printed: bool = False
    zero: Category | None = None

    @property
    def name(self) -> str:
        """Tells layers of one map apart, also those of one column."""
        if self.kind == "bivariate":
            return f"{self.column}-{self.against}"
        if self.around is not None:
            return f"{self.column}-around-{self.around}"
        return self.column if self.method == "fisher_jenks" else f"{self.column}-{self.method}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the layer shows."""
        return (self.column, self.against) if self.against else (self.column,)

    @property
    def by_law(self) -> bool:
        """Whether the layer needs a threshold of the project's rule sets."""
        return self.method == "law" or self.around == "law"

    @property
    def classes(self) -> int:
        """Number of classes: one per colour."""
        return len(self.palette)


@dataclass(frozen=True)
class MapStyle:
    """One map page: its title and its layers, in the order offered.

    Attributes
    ----------
    labels : mapping of str to Label
        Short label of a column's button, where the dictionary's label is long.
    without : frozenset of str
        Columns that patterns leave to other maps; patterns themselves (``"*_count"``).
    tables_only : frozenset of str
        Patterns of columns that stand in tables only: no map and no card shows them.
    most : int
        Layers that patterns may fill the map up to; 0 sets no limit.
    """

    name: str
    title: Label
    layers: tuple[LayerStyle, ...]
    labels: Mapping[str, Label] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    tables_only: frozenset[str] = frozenset()
    most: int = 0


@dataclass(frozen=True)
class GroundStyle:
    """How a layer of ``result.gpkg`` beside the communes is drawn.

    Attributes
    ----------
    kind : {"point", "line", "area"}
    label : Label
    colour : str
        Of everything, or of what no category names (``#rrggbb``).
    size : float
        Height of a sign or width of a line (mm).
    column : str
        Column of the categories; empty where everything is drawn alike.
    categories : tuple of Category
    """

    kind: Literal["point", "line", "area"]
    label: Label
    colour: str
    size: float
    column: str = ""
    categories: tuple[Category, ...] = ()
