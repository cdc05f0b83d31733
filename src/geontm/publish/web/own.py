"""What a page carries of anybody's polygons: that of a run, less what only a run can tell."""

from __future__ import annotations

from typing import Any

from geontm.messages import catalogue
from geontm.publish.frames import OwnMap
from geontm.publish.surroundings import ARCHIPELAGOS, locator
from geontm.publish.web.drawing import Drawing
from geontm.publish.web.payload import payload

__all__ = ["own_head"]

_WORDS = "notebook.own_page_"


def own_head(own: OwnMap, drawing: Drawing) -> dict[str, Any]:
    """Collect what the page shows; words of communes are those of units, and nothing is told of another country.

    Parameters
    ----------
    own : OwnMap
    drawing : Drawing
        Geometry of its content.
    """
    content = own.content
    head = payload(content, own.style, drawing)
    texts = head["texts"]
    for key, text in catalogue().items():
        name = key.removeprefix(_WORDS)
        if key.startswith(_WORDS) and (name != "standing_high" or len(head["units"]["provinces"]) == 1):
            texts[name] = {"vi": text["vi"], "en": text["en"]}
    if not own.surrounded:
        islands = catalogue()["notebook.own_islands"]
        texts["around"] = {"vi": islands["vi"], "en": islands["en"]}
    if not own.dated:
        head["page"]["as_of"] = None
    head["sea"] = own.surrounded
    if not own.at_home:
        head["labels"] |= {"seas": [], "islands": []}
        head["locator"] = None
        return head
    if head["locator"]["national"] and head["bounds"]:
        # The first view of the country has both archipelagos in it.
        small = locator()
        shown = [head["bounds"], *(shape.bounds for shape in small.geometry[small["code"].isin(ARCHIPELAGOS)])]
        west, south, east, north = zip(*shown, strict=True)
        head["bounds"] = [min(west), min(south), max(east), max(north)]
    return head
