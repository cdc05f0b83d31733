"""Writes ``docs/reference/data-dictionary.md`` from ``src/geontm/data/tables/*.yaml``.

Run it after a change of the dictionary: ``python docs/build_reference.py``. A test holds the page to the dictionary.
"""

from __future__ import annotations

from pathlib import Path

from geontm.project import read_dictionary
from geontm.tables import Column

PAGE = Path(__file__).parent / "reference" / "data-dictionary.md"
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
        "Made from `src/geontm/data/tables/*.yaml` by `docs/build_reference.py`; do not edit by hand.",
        "A header of a file is recognised when it equals one of the spellings after Unicode NFC, ignoring case, spaces",
        "and punctuation; tones count. Anything else needs a line under `columns:` in the project file.",
    ]
    for name, title in TITLES.items():
        lines += [
            "",
            f"## {title} (`{name}.yaml`)",
            "",
            "| Column | Tiếng Việt | English | Type | Unit | Range | Adds up | Better | Spellings met |",
        ]
        lines += ["|---|---|---|---|---|---|---|---|---|"]
        elsewhere = read_dictionary("new_rural").columns if name == "indicators" else {}
        lines += [row(column) for column in read_dictionary(name) if column.name not in elsewhere]
    return "\n".join(lines) + "\n"


def row(column: Column) -> str:
    """Return one line of the table."""
    low, high = (f"{bound:g}" if bound is not None else "" for bound in (column.minimum, column.maximum))
    nature = {"extensive": "yes", "intensive": f"mean, weight `{column.weight}`" if column.weight else "mean"}
    cells = (
        f"`{column.name}`", column.label.vi, column.label.en, column.type, column.unit,
        f"{low} – {high}" if low or high else "", nature.get(column.nature, ""), column.better,
        "; ".join(column.aliases),
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
