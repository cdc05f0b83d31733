"""Writes ``docs/reference/data-dictionary.md`` from ``tables/*.yaml``, ``sites.yaml`` and ``roads.yaml``.

Run it after a change of the dictionary: ``python docs/build_reference.py``. A test holds the page to the dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from geontm.load.site_words import read_vocabulary
from geontm.project import read_dictionary
from geontm.tables import Column

PAGE = Path(__file__).parent / "reference" / "data-dictionary.md"
COLUMNS = ("Column", "Tiếng Việt", "English", "Type", "Unit", "Range", "Adds up", "Better", "Spellings met")
TITLES = {
    "communes": "Identifiers of a unit",
    "indicators": "Indicators",
    "new_rural": "Indicators of the new-rural sets",
    "lists": "Official lists",
    "villages": "Villages",
    "households": "Households",
}


def page() -> str:
    """Return the text of the page."""
    lines = [
        "# Data dictionary",
        "",
        "Made from `tables/*.yaml`, `sites.yaml` and `roads.yaml` in `src/geontm/data` by `docs/build_reference.py`;",
        "do not edit by hand.",
        "A header of a file is recognised when it equals one of the spellings after Unicode NFC, ignoring case, spaces",
        "and punctuation; tones count. Anything else needs a line under `columns:` in the project file.",
    ]
    for name, title in TITLES.items():
        lines += heading(title, f"{name}.yaml", *COLUMNS)
        elsewhere = read_dictionary("new_rural").columns if name == "indicators" else {}
        lines += [row(column) for column in read_dictionary(name) if column.name not in elsewhere]
    lines += heading("Waterworks and facilities", "sites.yaml", *COLUMNS)
    lines += [row(column) for column in read_vocabulary().table]
    for title, file in (
        ("Words of waterworks and facilities", "sites.yaml"),
        ("Words of roads", "roads.yaml"),
    ):
        lines += heading(title, file, "Column", "Value", "Tiếng Việt", "English", "Words")
        lines += [line(cells) for cells in words_of(file)]
    return "\n".join(lines) + "\n"


def heading(title: str, file: str, *columns: str) -> list[str]:
    """Return a heading and the head of the table under it."""
    return ["", f"## {title} (`{file}`)", "", line(columns), "|" + "---|" * len(columns)]


def line(cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def words_of(file: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Give every value that words of a layer stand for: column, value, labels, words."""
    said = yaml.safe_load(files("geontm").joinpath("data", file).read_text(encoding="utf-8"))
    for column in (name for name in said if name != "columns"):
        entry = said[column]
        if isinstance(entry, list):  # words that say nothing
            yield f"`{column}`", "", "", "", _listed(entry)
        elif "words" in entry:
            yield f"`{column}`", "", "", "", _listed(entry["words"])
        elif column == "numbered":  # QL.4A: the letters before the number of a road
            yield from (("`road_class`", f"`{value}`", "", "", f"`{word}` + number") for word, value in entry.items())
        elif column == "headers":
            yield from ((f"`{name}`", "header", "", "", _listed(each["words"])) for name, each in entry.items())
        else:
            yield from (_value(column, value, each) for value, each in entry.items() if each)


def _value(column: str, value: str, entry: Mapping[str, Any] | list[Any]) -> tuple[str, str, str, str, str]:
    """Return what one value of a column is called, and by which words."""
    if isinstance(entry, list):
        return f"`{column}`", f"`{value}`", "", "", _listed(entry)
    label = entry.get("label", {"vi": "", "en": ""})
    words = [*entry["words"], *entry.get("osm", ())]
    return f"`{column}`", f"`{value}`", label["vi"], label["en"], _listed(words)


def _listed(words: Iterable[Any]) -> str:
    return "; ".join(f"`{word}`" if str(word) else "(empty)" for word in dict.fromkeys(words))


def row(column: Column) -> str:
    """Return one line of the table."""
    low, high = (f"{bound:g}" if bound is not None else "" for bound in (column.minimum, column.maximum))
    nature = {"extensive": "yes", "intensive": f"mean, weight `{column.weight}`" if column.weight else "mean"}
    cells = (
        f"`{column.name}`", column.label.vi, column.label.en, column.type, column.unit,
        f"{low} – {high}" if low or high else "", nature.get(column.nature, ""), column.better,
        "; ".join(column.aliases),
    )  # fmt: skip
    return line(cells)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
