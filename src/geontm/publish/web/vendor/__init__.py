"""Third-party code that pages carry inside themselves, with licences and checksums (``VENDORED.json``)."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

__all__ = ["Vendored", "find", "text", "vendored"]


@dataclass(frozen=True)
class Vendored:
    """One vendored file: where it lies, its checksum, and which addresses it answers."""

    path: str
    sha256: str
    answers: str
    package: str
    licence: str


@lru_cache(maxsize=1)
def vendored() -> tuple[Vendored, ...]:
    """List what is vendored."""
    raw = json.loads(files(__name__).joinpath("VENDORED.json").read_text(encoding="utf-8"))
    return tuple(Vendored(**entry) for entry in raw)


def find(url: str) -> Vendored | None:
    """Return the vendored file that answers an address, or None."""
    return next((entry for entry in vendored() if entry.answers and re.search(entry.answers, url)), None)


@lru_cache(maxsize=8)
def text(entry: Vendored) -> str:
    """Return the text of a vendored script or style sheet; pictures become data URIs, source maps are dropped."""
    folder, _, _ = entry.path.rpartition("/")
    content = files(__name__).joinpath(entry.path).read_text(encoding="utf-8")
    if entry.path.endswith(".js"):
        return re.sub(r"//# sourceMappingURL=\S*\s*$", "", content)

    def inline(match: re.Match[str]) -> str:
        picture = files(__name__).joinpath(folder, match[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode('ascii')})"

    return re.sub(r"url\((images/[\w.-]+\.png)\)", inline, content.replace("behavior: url(#default#VML);", ""))
