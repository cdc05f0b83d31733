"""Texts from files as a page can show them."""

from __future__ import annotations

import re

__all__ = ["showable", "showable_json"]

# Marks that turn the direction of writing: a name could show another name than it holds, and turn what follows it.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Signs that no font shows and that files read again choke on; tab and line ends are kept.
_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# The same as JSON writes them. An escaped backslash is matched first, so that a text ``\u0000`` stays what it is.
_ESCAPED = re.compile(r"\\\\|\\u00(?:0[0-8bce-f]|1[0-9a-f])|\\[bf]")
_LOST = "\ufffd"


def showable(text: str) -> str:
    """Leave out the marks that turn the direction of writing; a sign that cannot be shown becomes ``�``."""
    return _NOT_SHOWN.sub(_LOST, _TURNS.sub("", text))


def showable_json(text: str) -> str:
    """Do the same for every text in a JSON document written by ``json.dumps(…, ensure_ascii=False)``."""
    return showable(_ESCAPED.sub(lambda found: found[0] if found[0] == "\\\\" else _LOST, text))
