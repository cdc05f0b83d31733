"""Writes plain data as YAML that reads like the decree: a row on one line where it fits, else one key a line."""

from __future__ import annotations

import json
import textwrap
from datetime import date
from typing import Any

import yaml

WIDTH = 130
ALWAYS_BLOCK = {"source", "outcomes", "criteria", "columns", "facts", "definitions", "urls", "verdict"}


def write_yaml(content: dict[str, Any]) -> str:
    """Write a mapping; the same content gives the same bytes."""
    text = "".join(_pair(key, value, 0) for key, value in content.items())
    if yaml.safe_load(text) != content:
        raise ValueError("what was written does not read back as it was")
    return text


def _pair(key: str, value: Any, indent: int) -> str:
    pad, name = " " * indent, _scalar(key)
    top = indent == 0 and key in ALWAYS_BLOCK
    line = f"{pad}{name}: {_flow(value)}"
    if (len(line) <= WIDTH and not top) or not isinstance(value, (dict, list, str)) or value in ({}, []):
        return line + "\n"
    if isinstance(value, str):
        if " " not in value:
            return line + "\n"
        folded = textwrap.wrap(value, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
        return f"{pad}{name}: >-\n" + "".join(f"{pad}  {part}\n" for part in folded)
    if isinstance(value, dict):
        return f"{pad}{name}:\n" + "".join(_pair(inner, each, indent + 2) for inner, each in value.items())
    return f"{pad}{name}:\n" + "".join(_item(each, indent + 2) for each in value)


def _item(value: Any, indent: int) -> str:
    pad = " " * indent
    line = f"{pad}- {_flow(value)}"
    if len(line) <= WIDTH and not _nested(value):
        return line + "\n"
    if not isinstance(value, dict):
        return line + "\n"
    written = "".join(_pair(key, each, indent + 2) for key, each in value.items())
    return f"{pad}- {written[indent + 2 :]}"


def _nested(value: Any) -> bool:
    """Say whether a row holds a group or a list of rows, which reads better on lines of its own."""
    inner = value.values() if isinstance(value, dict) else ()
    return any(isinstance(each, list) and each and isinstance(each[0], dict) for each in inner)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, date)):
        return str(value)
    try:
        plain = yaml.safe_load(f"[{value}]") == [value] and yaml.safe_load(f"{{k: {value}}}") == {"k": value}
    except yaml.YAMLError:
        plain = False
    return value if plain and "\n" not in value else json.dumps(value, ensure_ascii=False)
