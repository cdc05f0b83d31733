"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["FILE", "JSON_OPTION", "LANG_OPTION", "OUT_OPTION"]

FILE = click.Path(path_type=Path)
LANG_OPTION = click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of results and messages.")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
OUT_OPTION = click.option("--out", type=FILE, help="Result folder (default: maps/<project or case>).")
