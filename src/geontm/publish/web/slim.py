"""The page's own code as it goes into every page: without comments, indentation and empty lines."""

from __future__ import annotations

import re

__all__ = ["slim"]

# A text that holds this would have to end behind it: what has no quote behind it is a comment.
_BEHIND = re.compile(r"\s+// [^'\"`]*$")


def slim(code: str) -> str:
    """Leave out of a script or a style sheet what only its authors read.

    Parameters
    ----------
    code : str
        JavaScript or CSS. A comment behind code stays where it holds a quote, for it may be part of a text. What stands
        between backticks over several lines, or after a backslash at the end of a line, stays as it is.

    Returns
    -------
    str
        The same program: its line breaks are those of the original, less the lines that are gone.
    """
    kept: list[str] = []
    in_comment = in_text = False
    for line in code.splitlines():
        bare = line.strip()
        if in_comment:
            in_comment = not bare.endswith("*/")
            continue
        continued = bool(kept) and kept[-1].endswith("\\")
        if in_text or continued:
            kept.append(line)
        elif bare.startswith("/*") and "*/" not in bare[2:-2]:
            in_comment = not bare.endswith("*/")
            continue
        elif bare and not bare.startswith("//"):
            kept.append(_BEHIND.sub("", line.lstrip()) if _backticks(line) % 2 == 0 else line.lstrip())
        else:
            continue
        in_text ^= _backticks(line) % 2 == 1
    return "\n".join(kept) + "\n" if kept else ""


def _backticks(line: str) -> int:
    return line.count("`") - line.count("\\`")
