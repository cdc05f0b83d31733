"""Makes the pictures in docs/images: every face of a result, as its reader meets it.

    python docs/build_images.py BOUNDARIES LAND_BORDER [--only NAME ...] [--work FOLDER]

BOUNDARIES is a GeoParquet of the communes from July 2025 with ``code``, ``name``, ``kind``, ``province_code``,
``province_name``; LAND_BORDER the land border as lines. Figures are made up, from a fixed seed: they follow the lie of
the land (poorer in the mountains, better off in towns and by the sea, better each year) and say nothing of a real
place, so every picture bears the mark of illustrative figures. Needs Chromium, LibreOffice and poppler. ``--work``
keeps the results that are photographed, and takes them up again where they are there.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import yaml
from PIL import Image

from geontm.pipeline import run
from geontm.project import read_project
from geontm.publish import Content, write_run

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from browser import Tab, browser, chromium_program, new_tab  # noqa: E402 (the tests drive the same browser)

TARGET = ROOT / "docs" / "images"
PROVINCE, SHEET, MOST_BYTES = "22", "coverage-poor_household_pct-A4", 300_000
YEARS = range(2021, 2026)
# Where the land is high (degrees east, degrees north, reach in degrees): the north, the long range, the highlands.
HIGH = (
    (103.0, 22.2, 1.1), (103.9, 21.3, 0.9), (104.9, 22.8, 0.9), (106.2, 22.7, 0.7), (107.4, 21.6, 0.35),
    (104.3, 19.5, 0.7), (105.3, 18.3, 0.4), (106.3, 17.3, 0.5), (107.2, 15.9, 0.6), (107.9, 15.0, 0.7),
    (108.3, 12.9, 0.8), (108.2, 11.9, 0.5),
)  # fmt: skip
# name: at the sea, more in the mountains, more each year, roughness; least and most.
SHAPES = {
    "poor_household_pct": (4, 34, -1.4, 3.0, 0.2, 80),
    "near_poor_household_pct": (3, 14, -0.5, 1.5, 0.2, 50),
    "ethnic_minority_household_pct": (2, 88, 0.0, 6.0, 0, 100),
    "clean_water_pct": (84, -34, 2.4, 11.0, 3, 100),
    "hygienic_water_pct": (98, -26, 1.2, 3.0, 20, 100),
    "hardened_road_pct": (92, -46, 2.6, 6.0, 5, 100),
    "grid_electricity_pct": (100, -7, 0.4, 0.8, 60, 100),
    "income_per_person_million_vnd": (64, -36, 4.2, 4.0, 12, 120),
}
UNKNOWN = {"clean_water_pct": 0.04, "poor_household_pct": 0.02}
STANDARDS = ["border", "mountainous-2026", "region-2026", "ntm-2026"]
WEIGHTS = {"poor_household_pct": 0.5, "clean_water_pct": 0.3, "hardened_road_pct": 0.2}

POOR = "geontm.page.head.layers.findIndex(each => each.column === 'poor_household_pct')"
TWO = "geontm.page.head.layers.findIndex(each => each.kind === 'bivariate')"
CARD = """geontm.page.set({ at: null,
    unit: geontm.page.head.units.name.findIndex(each => each.endsWith('Lương Minh')) });
  0"""
FILTER = """geontm.page.set({ conditions: [
    { column: 'poor_household_pct', op: 'in', value: 12, other: 100 },
    { column: 'clean_water_pct', op: 'in', value: 0, other: 80 }] });
  document.querySelector('.gt-table-button').click();
  document.querySelector('.gt-filter details').open = true;
  document.querySelector('.gt-legend').scrollIntoView(); 0"""
SWIPE = f"geontm.page.set({{ layer: {POOR}, year: 2021, right: {{ layer: {POOR}, year: 2025 }} }})"


def main() -> int:
    """Make the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boundaries", type=Path)
    parser.add_argument("land_border", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="pictures without .png")
    parser.add_argument("--work", type=Path)
    options = parser.parse_args()
    program = chromium_program()
    if program is None:
        parser.error("Chromium is not on this machine")
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        results = Results(options.boundaries.resolve(), options.land_border.resolve(), work)
        with browser(program, Path(tempfile.mkdtemp(dir=temporary))) as address:
            pictures = {**on_screen(results, address), **on_paper(results)}
            unknown = set(options.only or ()) - set(pictures)
            if unknown:
                parser.error(f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(sorted(pictures))}")
            for name in options.only or pictures:
                print(name, save(pictures[name](), TARGET / f"{name}.png"), "bytes", flush=True)
    return 0


class Results:
    """The result folders that are photographed; each is made when it is first asked for."""

    def __init__(self, boundaries: Path, land_border: Path, work: Path) -> None:
        self.boundaries, self.land_border, self.work = boundaries, land_border, work

    @property
    def nation(self) -> Path:
        """Return the folder of the whole country: one map."""
        return self._made("ca-nuoc", "Cả nước 2026", "", {"maps": ["coverage"]})

    @property
    def province(self) -> Path:
        """Return the folder of one province: everything that is published."""
        wanted = {
            "maps": ["classification", "coverage", "priority"],
            "print": ["A4"],
            "atlas": "commune",
            "report": "docx",
        }
        return self._made("quang-ninh", "Quảng Ninh 2026", PROVINCE, wanted)

    @property
    def case(self) -> Path:
        """Return the folder of the built-in case."""
        target = self.work / "cao-bang-2026"
        if not target.exists():
            geontm("run", "--case", "cao-bang-2026", "--out", str(target))
        return target

    def _made(self, name: str, title: str, province: str, wanted: dict[str, object]) -> Path:
        target, folder = self.work / f"{name}-ket-qua", self.work / name
        if target.exists():
            return target
        units = gpd.read_parquet(self.boundaries)
        units = units[units["province_code"] == province] if province else units
        folder.mkdir(parents=True, exist_ok=True)
        *before, (_, newest) = made_up(units, classified=bool(province))
        newest.to_csv(folder / "so-lieu-2025.csv", index=False)
        table = {"file": "so-lieu-2025.csv", "date": date(2025, 12, 31), "illustrative": True}
        only = {"provinces": [province]} if province else {}
        project = {
            "name": title,
            "as_of": date(2026, 6, 30),
            "boundaries": {"source": str(self.boundaries), "date": date(2025, 7, 1), **only},
            "land_border": str(self.land_border),
            "indicators": [table | {"key": {"code": "commune_code"}}],
            "standards": STANDARDS,
            "rank": {"weights": WEIGHTS},
            "publish": wanted,
        }  # fmt: skip
        path = folder / "project.yaml"
        path.write_text(yaml.safe_dump(project, allow_unicode=True, sort_keys=False), encoding="utf-8")
        asked = read_project(path)
        content = with_years(run(asked).content, before)
        unfinished = target.with_name(f"{name}-do-dang")
        unfinished.mkdir()
        write_run(content, unfinished, asked.products)
        unfinished.rename(target)
        return target


def with_years(content: Content, before: list[tuple[int, pd.DataFrame]]) -> Content:
    """Add the figures of earlier years on the units of today.

    A project refuses a table from before the reform of 2025: it must be carried over first. These were made up on
    today's units, so there is nothing to carry over.
    """
    newest, rows = content.indicators, []
    for year, table in before:
        long = table.melt("commune_code", var_name="indicator", value_name="then")
        then = newest.merge(long, on=["commune_code", "indicator"]).dropna(subset="then")
        source = f"so-lieu-{year}.csv"
        rows.append(
            then.assign(year=year, value=then["then"], source_file=source)[newest.columns].astype(newest.dtypes)
        )
    return replace(content, indicators=pd.concat([*rows, newest], ignore_index=True))


def made_up(units: gpd.GeoDataFrame, *, classified: bool) -> list[tuple[int, pd.DataFrame]]:
    """Make figures of each year that follow the lie of the land, smooth from one commune to the next, with gaps.

    ``classified``: the last year also has what regions and mountainous communes are told by.
    """
    points = units.geometry.representative_point()
    lon, lat, random = points.x.to_numpy(), points.y.to_numpy(), np.random.default_rng(7)
    town = units["kind"].str.lower().eq("phường").to_numpy()
    height = np.zeros(len(units))
    for east, north, reach in HIGH:
        height = np.maximum(height, np.exp(-((lon - east) ** 2 + (lat - north) ** 2) / (2 * reach**2)))
    height[units["kind"].str.lower().eq("đặc khu").to_numpy()] = 0.55  # out at sea much is as far away as in the hills
    height = np.clip(height * np.where(town, 0.35, 1.0) + 0.12 * waves(lon, lat, random), 0, 1)
    rough = {name: waves(lon, lat, random) + 0.35 * random.normal(size=len(units)) for name in SHAPES}
    people = np.round((4_000 + 9_000 * random.random(len(units))) * np.where(town, 2.6, 1.0), -1)
    gone = {name: random.random(len(units)) < share for name, share in UNKNOWN.items()}
    made = []
    for step, year in enumerate(YEARS):
        table = pd.DataFrame(
            {"commune_code": units["code"].to_numpy(), "population": np.round(people * (1 + 0.009 * step))}
        )
        for name, (sea, more, yearly, spread, least, most) in SHAPES.items():
            worse = 0.5 + height if abs(yearly) < 2 else 1.0  # poverty falls most where it is highest
            values = sea + more * height**1.3 + yearly * step * worse + spread * rough[name]
            table[name] = np.clip(values, least, most).round(1)
            table.loc[gone.get(name, np.zeros(len(units), dtype=bool)), name] = np.nan
        made.append((year, table))
    if classified:
        made[-1][1]["above_200m_share"] = np.clip(1.6 * height - 0.15 + 0.05 * rough["clean_water_pct"], 0, 1).round(3)
        made[-1][1]["unmet_region_criteria_count"] = np.clip(11 * height - 0.8, 0, 12).round()
        made[-1][1]["extremely_difficult_village_pct"] = np.clip(110 * height - 25, 0, 100).round(1)
    return made


def waves(lon: np.ndarray, lat: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a smooth roughness: neighbours are alike, some 30 to 150 km away they are not; about -1 to 1."""
    total = np.zeros(len(lon))
    for length in (1.4, 0.7, 0.35, 0.25):
        for _ in range(3):
            turn, shift = random.uniform(0, 2 * np.pi, 2)
            total += np.sin(2 * np.pi * (lon * np.cos(turn) + lat * np.sin(turn)) / length + shift) * 0.29
    return total


def on_screen(results: Results, address: str) -> dict[str, Callable[[], Image.Image]]:
    """Return what Chromium photographs, by name."""

    def shot(
        of: Callable[[], Path],
        doing: str = "0",
        *,
        size: tuple[int, int] = (1366, 768),
        scale: float = 1,
        dark: bool = False,
        page: bool = True,
    ) -> Callable[[], Image.Image]:
        def take() -> Image.Image:
            with new_tab(address) as tab:
                if dark:
                    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
                tab.open(
                    of(),
                    width=size[0],
                    height=size[1],
                    **({} if page else {"ready": "document.readyState === 'complete'"}),
                )
                if scale != 1:
                    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": scale, "mobile": size[0] < 500}
                    tab.send("Emulation.setDeviceMetricsOverride", **metrics)
                    tab.run("void geontm.page.ground.canvas.again(); void geontm.page.ground.names.again()")
                tab.run(doing)
                return picture_of(tab)

        return take

    def nation() -> Path:
        return results.nation / "maps" / "coverage.html"

    def province() -> Path:
        return results.province / "maps" / "coverage.html"

    def start() -> Path:
        return results.province / "index.html"

    return {
        "page-nation": shot(nation),
        "page-quang-ninh": shot(province, CARD),
        "page-filter-table": shot(province, FILTER),
        "page-swipe": shot(province, SWIPE),
        "page-bivariate": shot(nation, f"geontm.page.set({{ layer: {TWO} }})"),
        "page-phone": shot(nation, size=(390, 844), scale=1.5),
        "start-page": shot(start, size=(1366, 900), page=False),
        "start-page-dark": shot(start, size=(1366, 900), dark=True, page=False),
        "cao-bang-2026": shot(lambda: results.case / "maps" / "priority.html"),
    }


def picture_of(tab: Tab) -> Image.Image:
    """Photograph a tab once nothing moves on it."""
    tab.settle()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tab.png"
        tab.picture(path)
        return Image.open(io.BytesIO(path.read_bytes())).convert("RGB")


def on_paper(results: Results) -> dict[str, Callable[[], Image.Image]]:
    """Return what is printed, by name: pages of PDF, and of documents as LibreOffice prints them."""
    return {
        "print-quang-ninh": lambda: page_of(results.province / "print" / f"{SHEET}.pdf", "", width=1200),
        "atlas-page": lambda: page_of(results.province / "print" / "atlas.pdf", "Xã Hoành Mô", width=900),
        "report-page": lambda: page_of(printed(results.province / "report.docx"), "Bản đồ 3.", width=800),
        "workbook": lambda: page_of(printed(results.province / "communes.xlsx"), "Nước và vệ sinh", width=1300),
    }


def page_of(pdf: Path, words: str, *, width: int) -> Image.Image:
    """Draw a page of a PDF so many pixels wide: that which begins with some words, else the first that has them."""
    texts = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True).stdout.decode().split("\f")
    begins = [number for number, text in enumerate(texts, start=1) if text.lstrip().startswith(words)]
    number = (begins or [number for number, text in enumerate(texts, start=1) if words in text])[0]
    command = ["pdftoppm", "-f", str(number), "-l", str(number), "-scale-to-x", str(width), "-scale-to-y", "-1", "-png"]
    return Image.open(io.BytesIO(subprocess.run([*command, str(pdf)], check=True, capture_output=True).stdout)).convert(
        "RGB"
    )


def printed(path: Path) -> Path:
    """Print a document with LibreOffice, beside the result folder."""
    folder = path.parent.with_name(path.parent.name + "-in")
    target = folder / f"{path.stem}.pdf"
    if not target.exists():
        with tempfile.TemporaryDirectory() as profile:
            options = [f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--convert-to", "pdf"]
            subprocess.run(
                ["soffice", *options, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=600
            )
    return target


def save(picture: Image.Image, path: Path) -> int:
    """Write a picture in as many colours as its size allows; return its bytes. The same picture gives the same file."""
    for colours in (256, 128, 64, 48, 32):
        packed = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
        if packed.tell() <= MOST_BYTES:
            break
    else:
        raise SystemExit(f"{path.name}: {packed.tell()} bytes, more than {MOST_BYTES}")
    path.write_bytes(packed.getvalue())
    return packed.tell()


def geontm(*words: str) -> None:
    """Run geontm as its user does."""
    subprocess.run([sys.executable, "-m", "geontm", *words], check=True)


if __name__ == "__main__":
    sys.exit(main())
