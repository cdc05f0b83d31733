"""Makes the folder of a new project: a commented project file, an Excel and a Word template, a README."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from geontm.errors import ProjectError
from geontm.load.shipped import read_register
from geontm.messages import say
from geontm.project.dictionary import read_dictionary
from geontm.publish import excel_template, write_report_template

__all__ = ["TEMPLATE_INDICATORS", "new_project"]

# The columns a planner most often has; any other of the dictionary can be added by its label.
TEMPLATE_INDICATORS = (
    "population", "household_count", "poor_household_pct", "near_poor_household_pct", "ethnic_minority_household_pct",
    "clean_water_pct", "hygienic_water_pct", "hardened_road_pct", "grid_electricity_pct", "new_rural_recognised",
    "unmet_region_criteria_count", "extremely_difficult_village_pct",
)  # fmt: skip


def new_project(folder: Path, *, province: str | None = None, as_of: date | None = None) -> Path:
    """Make a project folder that ``geontm run`` can run at once.

    Parameters
    ----------
    folder : Path
        Must not exist, or be empty.
    province : str, optional
        Two-digit code of a province of 2025; without it the project covers the whole country.
    as_of : date, optional
        The project's day; today where not given.

    Returns
    -------
    Path
        The new project file.

    Raises
    ------
    ProjectError
        The folder holds something already, or there is no such province.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProjectError("project.folder_not_empty", where=folder, folder=folder.name)
    units = read_register("2025")
    provinces = dict(zip(units["province_code"], units["province_name"], strict=True))
    if province is not None and province not in provinces:
        names = ", ".join(f"{code} {provinces[code]}" for code in sorted(provinces))
        raise ProjectError("project.unknown_province", where=province, code=province, names=names)
    if province is not None:
        units = units[units["province_code"] == province]
    day = as_of or date.today()
    name = provinces[province] if province else say("project.whole_country", "vi")
    values = {"name": f"{name} {day.year}", "as_of": day.isoformat(), "folder": folder.as_posix(),
              "provinces": f'["{province}"]' if province else "[]"}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    templates = files("geontm").joinpath("data", "templates")
    for template in ("project.yaml", "README.md"):
        text = templates.joinpath(template).read_text(encoding="utf-8").format(**values)
        (folder / template).write_text(text, encoding="utf-8")
    indicators = read_dictionary("indicators")
    excel_template(folder / "so-lieu.xlsx", indicators, units, columns=TEMPLATE_INDICATORS)
    write_report_template(folder / "mau-bao-cao.docx")
    return folder / "project.yaml"
