"""Words for the comparison of published totals: a table, closing lines, plain data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from geontm.messages import Language, Message, say
from geontm.project.published import TotalsReport, label_of

__all__ = ["totals_data", "totals_lines", "totals_table"]

_SHOWN = ("giver", "period", "scope", "measure", "given", "relation", "published", "state", "conflict")
_LABELLED = {"period": "periods", "scope": "scopes", "measure": "measures"}
STATES = ("equal", "fits", "differs", "not_comparable")


def totals_table(
    report: TotalsReport, lang: Language, *, every: bool = False
) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:  # fmt: skip
    """Return the rows and the header of the comparison in words; only what differs unless ``every``."""
    checks = report.checks if every else report.checks[report.checks["state"] == "differs"]
    header = tuple(say(f"totals.column_{name}", lang) for name in _SHOWN)
    return [tuple(_cell(name, row[name], lang) for name in _SHOWN) for row in checks.to_dict("records")], header


def totals_lines(report: TotalsReport, lang: Language) -> list[str]:
    """Return what closes the table: counts, the known conflicts, and what is not as it is known to be."""
    counts = report.checks["state"].value_counts()
    lines = [
        say("totals.summary", lang, n=len(report.checks), **{name: int(counts.get(name, 0)) for name in STATES}),
        "",
        say("totals.known_heading", lang),
    ]
    for conflict in report.conflicts:
        lines.append("- " + say("totals.known", lang, key=conflict.key, text=conflict.text[lang]))
        shown = (
            say("totals.shown_by", lang, n=len(conflict.checks)) if conflict.checks else say("totals.not_shown", lang)
        )
        lines += [shown, *(f"  {source}" for source in conflict.sources)]
    for wrong in (
        report.unexpected and Message("totals.unexpected", {"checks": "; ".join(report.unexpected)}),
        report.vanished and Message("totals.vanished", {"checks": "; ".join(report.vanished)}),
    ):
        if wrong:
            lines += ["", wrong.text(lang), wrong.fix(lang)]
    return lines


def totals_data(report: TotalsReport) -> dict[str, Any]:
    """Return the comparison as plain values for JSON."""
    records = report.checks.astype("object").where(report.checks.notna(), None).to_dict("records")
    return {
        "checks": records,
        "known_conflicts": [
            {"key": each.key, "vi": each.text.vi, "en": each.text.en, "sources": each.sources, "checks": each.checks}
            for each in report.conflicts
        ],
        "unexpected": list(report.unexpected),
        "vanished": list(report.vanished),
    }


def _cell(name: str, value: Any, lang: Language) -> str:
    if name == "giver":
        kind, _, named = str(value).partition(" ")
        return say(f"totals.giver_{kind}", lang, name=label_of("measures", named, lang))
    if name in _LABELLED:
        return label_of(_LABELLED[name], str(value), lang)
    if name == "state":
        return say(f"totals.state_{value}", lang)
    if name in ("given", "published"):
        return "–" if pd.isna(value) else f"{value:g}" if value % 1 else str(int(value))
    return str(value)
