"""Writes everything that is published of a run into one folder, the same bytes each time."""

from __future__ import annotations

import html
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geontm.errors import PublishError
from geontm.publish.content import Content, communes_table, measure_of
from geontm.publish.products import Products
from geontm.publish.styles import MapStyle
from geontm.publish.summaries import DISTRICT, summary_table
from geontm.publish.tables import write_csv, write_parquet
from geontm.tables import Issue, issues_frame

if TYPE_CHECKING:
    from geontm.publish.web.payload import Drawing

__all__ = ["map_html", "notebook_html", "write_run"]

_KNOWN = ("_of_known", "_known_count")
_MADE_OF = ("_known_count", "_count", "_of_known", "_low", "_high")


def write_run(content: Content, folder: Path, products: Products) -> list[Path]:
    """Write tables, maps and start page of a run into an existing, empty folder.

    Parameters
    ----------
    content : Content
    folder : Path
        See :func:`geontm.publish.swap.result_folder`.
    products : Products
        ``products.maps`` are names in ``content.styles``, in the order of the start page.

    Returns
    -------
    list of Path
        Every file written. The same content gives the same bytes.

    Raises
    ------
    PublishError
        A map is not known (``publish.unknown_map``), or a page would load something (``publish.not_vendored``).
    """
    from geontm.publish.offered import layers_with_data, left_out
    from geontm.publish.site.gallery import write_gallery

    wanted = [_style(content, name) for name in products.maps]
    without = [style for style in wanted if not layers_with_data(content, style)]
    drawn = {f"maps/{style.name}.html": style for style in wanted if style not in without}
    missing = tuple(
        Issue.of("info", "publish.map_without_data", value=s.name, name=s.title[content.lang]) for s in without
    )
    full = tuple(_full(content, style, left) for style in drawn.values() if (left := left_out(content, style)))
    content = replace(content, issues=(*content.issues, *missing, *full))
    tables = _write_tables(content, folder, wanted)
    pages = _write_maps(content, folder, list(drawn.values()))
    index = write_gallery(content, folder, maps=drawn, without=without, tables=tables)
    return [index, *pages, *tables]


def map_html(content: Content, name: str, *, drawing: Drawing | None = None) -> str:
    """Return one map as a page of its own.

    Parameters
    ----------
    name : str
        Name of a map in ``content.styles``.
    drawing : Drawing, optional
        Geometry made before for the same content; several maps of a run share one.
    """
    from geontm.publish.web.layer import map_page
    from geontm.publish.web.payload import draw, payload

    style = _style(content, name)
    drawing = drawing or draw(content)
    title = f"{style.title[content.lang]} – {content.title}"
    return map_page(payload(content, style, drawing), drawing.packed, title=title, lang=content.lang)


def notebook_html(content: Content, *, height: str = "620px") -> str:
    """Return the first map that has figures, framed for a notebook cell; a plain line where there is none."""
    from geontm.publish.offered import layers_with_data

    name = next((name for name, style in content.styles.items() if layers_with_data(content, style)), None)
    if name is None:
        return f"<p>{html.escape(content.title)}</p>"
    page = html.escape(map_html(content, name), quote=True)
    frame = f'style="width:100%;height:{height};border:0" sandbox="allow-scripts"'
    return f'<iframe srcdoc="{page}" title="{html.escape(content.title, quote=True)}" {frame}></iframe>'


def _style(content: Content, name: str) -> MapStyle:
    if name not in content.styles:
        raise PublishError("publish.unknown_map", where=name, name=name, known=", ".join(content.styles))
    return content.styles[name]


def _full(content: Content, style: MapStyle, left: list[str]) -> Issue:
    named = {"value": ", ".join(left), "name": style.title[content.lang]}
    return Issue.of("info", "publish.map_layers_left", **named, most=style.most, n=len(left))


def _write_maps(content: Content, folder: Path, styles: list[MapStyle]) -> list[Path]:
    from geontm.publish.web.payload import draw

    if not styles:
        return []
    drawing = draw(content)
    (folder / "maps").mkdir(exist_ok=True)
    pages = []
    for style in styles:
        path = folder / "maps" / f"{style.name}.html"
        path.write_text(map_html(content, style.name, drawing=drawing), encoding="utf-8", newline="\n")
        pages.append(path)
    return pages


def _write_tables(content: Content, folder: Path, styles: list[MapStyle]) -> list[Path]:
    from geontm.publish.books.workbook import write_workbook
    from geontm.publish.gis.geopackage import write_geopackage

    communes = communes_table(content)
    told = _told(communes, content)
    verdicts = _marked_verdicts(content)
    written = [
        write_workbook(content, folder / "communes.xlsx"),
        write_csv(told, folder / "communes.csv"),
        _write_geoparquet(content, told, folder / "communes.parquet"),
        write_geopackage(content, folder / "result.gpkg", maps=styles),
        write_csv(_marked(content), folder / "indicators.csv"),
        write_parquet(verdicts, folder / "verdicts.parquet"),
    ]
    if len(communes["province_code"].unique()) <= 1:
        written.append(write_csv(verdicts, folder / "verdicts.csv"))
    if "district_code" in communes and communes["district_code"].notna().any():
        districts = _with_above(summary_table(communes, content.dictionary, by=DISTRICT), content, "district")
        written.append(write_csv(_told(districts, content), folder / "districts.csv"))
    priority = _sorted(content.priority.rename_axis("commune_code").reset_index(), "commune_code")
    provinces = _with_above(summary_table(communes, content.dictionary), content, "province")
    return [
        *written,
        write_csv(_sorted(content.scores, "commune_code", "ruleset"), folder / "scores.csv"),
        write_csv(_told(priority, content), folder / "priority.csv"),
        write_csv(_told(provinces, content), folder / "provinces.csv"),
        write_csv(issues_frame(content.issues, content.lang), folder / "issues.csv"),
        write_csv(_sorted(content.figures, "key"), folder / "figures.csv"),
        *(write_csv(table, folder / f"{name}.csv") for name, table in sorted(content.more.items()) if len(table)),
    ]


def _marked(content: Content) -> pd.DataFrame:
    """Return the long indicators with a last column that tells constructed figures from real ones."""
    table = _sorted(content.indicators, "commune_code", "indicator", "year", "source_file")
    return table.assign(illustrative=table["indicator"].isin(content.illustrative).astype("boolean"))


def _marked_verdicts(content: Content) -> pd.DataFrame:
    """Return the verdicts; where the scores tell it, with a last column for those that rest on constructed figures."""
    table = _sorted(content.verdicts, "commune_code", "ruleset", "test")
    if "illustrative" not in content.scores:
        return table
    resting = content.scores.loc[content.scores["illustrative"].fillna(False), "ruleset"].unique()
    return table.assign(illustrative=table["ruleset"].isin(resting).astype("boolean"))


def _told(table: pd.DataFrame, content: Content) -> pd.DataFrame:
    """Return a wide table with a last column that names, in each row, the columns whose figure there is constructed.

    A run without constructed figures keeps its columns.
    """
    names = [name for name in table.columns if _constructed(name, content.illustrative)]
    if not names:
        return table
    shown = table[names].notna().to_numpy()
    told = ["; ".join(name for name, there in zip(names, row, strict=True) if there) for row in shown]
    return table.assign(illustrative=pd.array(told, dtype="str"))


def _constructed(name: str, illustrative: Collection[str]) -> bool:
    """Tell whether a column, or what is made of one (a count, sum, mean, bound or part), is constructed."""
    if name.startswith("region_") and name.endswith("_count"):
        return "development_region" in illustrative
    if name in ("rank_best", "rank_worst"):
        return "priority_rank" in illustrative
    name = name.removeprefix("part_")
    return name in illustrative or any(name.removesuffix(ending) in illustrative for ending in _MADE_OF)


def _with_above(table: pd.DataFrame, content: Content, unit: str) -> pd.DataFrame:
    """Put what the law says of districts or provinces beside their sums.

    A measure that comes with bounds of its own was added up over what it counts: it takes the place of the mean, and
    needs no part of known communes beside it.
    """
    above = content.above.get(unit)
    if above is None:
        return table
    own = above.reindex(table[f"{unit}_code"].to_numpy()).reset_index(drop=True)
    bounded = [name for name in own if f"{name}_low" in own]
    own = own[[name for name in map(str, own) if name not in table or measure_of(name) in bounded]]
    table = table.drop(columns=[f"{name}{end}" for name in bounded for end in _KNOWN if f"{name}{end}" in table])
    whole = table.assign(**{str(name): own[name] for name in own})
    places = {str(name): place for place, name in enumerate(whole)}
    order: list[str] = sorted(places, key=lambda name: (places.get(measure_of(name), places[name]), places[name]))
    return whole[order]


def _write_geoparquet(content: Content, communes: pd.DataFrame, path: Path) -> Path:
    shapes = content.units.geometry.reindex(communes["commune_code"])
    gpd.GeoDataFrame(communes, geometry=shapes.to_numpy(), crs="EPSG:4326").to_parquet(path, index=False)
    return path


def _sorted(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    present = [name for name in columns if name in table.columns]
    return table.sort_values(present, kind="stable", ignore_index=True) if present else table.reset_index(drop=True)
