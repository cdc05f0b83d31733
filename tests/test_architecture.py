"""The rooms keep to their contracts: what import-linter cannot see."""

from __future__ import annotations

import ast
import re
import string
import unicodedata
from pathlib import Path

import pytest

from geontm.messages import catalogue

SOURCE = Path(__file__).resolve().parents[1] / "src" / "geontm"
MIDDLE = ("join", "cover", "classify", "rank", "invest", "track", "law")
TOUCHES_FILES = {
    "open",
    "read_file",
    "to_file",
    "read_csv",
    "read_excel",
    "read_parquet",
    "to_parquet",
    "to_csv",
    "save",
    "print",
}
# Ids whose room is a variable: f"{place.room}.{key}" in project/located.py.
BUILT_AT_RUN_TIME = ("rulesets.",)
MAKES_MESSAGES = re.compile(r"^[a-z_]+\.[a-z0-9_]*$")


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (SOURCE / room).rglob("*.py"))


def called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


@pytest.mark.parametrize("path", modules(*MIDDLE), ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_middle_never_reads_writes_or_prints(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [f"{called_name(c)} on line {c.lineno}" for c in calls if called_name(c) in TOUCHES_FILES]


def message_ids_in_code() -> dict[str, str]:
    rooms = {key.split(".")[0] for key in catalogue()}
    found = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and MAKES_MESSAGES.match(node.value)
                and node.value.split(".")[0] in rooms
                and not node.value.endswith(
                    (".yaml", ".py", ".parquet", ".csv", ".xlsx", ".html", ".json", ".tif", ".gpkg", ".js", ".css")
                )
            ):
                found[node.value] = f"{path.name}:{node.lineno}"
    for path in SOURCE.rglob("*.j2"):
        named = re.findall(r'"([a-z_]+\.[a-z0-9_]*)"', path.read_text(encoding="utf-8"))
        found |= {key: path.name for key in named if key.split(".")[0] in rooms}
    return found


def test_every_message_used_in_the_code_stands_in_the_catalogue():
    def known(key: str) -> bool:
        # An f-string such as f"cli.column_{name}" shows its beginning only.
        return key in catalogue() or (key.endswith(("_", ".")) and any(text.startswith(key) for text in catalogue()))

    assert not {key: place for key, place in message_ids_in_code().items() if not known(key)}


def test_every_message_of_the_catalogue_is_used():
    used = message_ids_in_code()
    beginnings = tuple(key for key in used if key.endswith(("_", "."))) + BUILT_AT_RUN_TIME
    assert not [key for key in catalogue() if key not in used and not key.startswith(beginnings)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_every_text_is_in_both_languages_with_the_same_fields(key):
    entry = catalogue()[key]
    for text in (entry, entry.get("fix") or {"vi": "", "en": ""}):
        assert fields(text["vi"]) == fields(text["en"])
        assert unicodedata.is_normalized("NFC", text["vi"])
    assert entry["vi"].strip() and entry["en"].strip()
