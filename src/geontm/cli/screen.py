"""What a terminal shows: progress, and tables of findings, rule sets and reasons."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from geontm.classify import Explanation
from geontm.messages import language, say
from geontm.pipeline.account import PartDone
from geontm.tables import Issue, issues_frame

__all__ = ["print_explanation", "print_issues", "print_rulesets", "print_table", "progress"]

NARROW = 120  # columns of a screen below which the list of rule sets folds all but the id into the name
PIPED_LIST, PIPED = 160, 200  # columns where the output goes to a file or another program


def print_table(table: Table) -> None:
    """Print a table as wide as the terminal, or wide enough not to fold where the output is piped."""
    Console(width=None if sys.stdout.isatty() else PIPED, markup=False, emoji=False).print(table)


@contextmanager
def progress() -> Iterator[Any]:
    """Show steps as a spinner with times, and parts of a step as a bar, on a terminal; plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: click.echo(text, err=True)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        current: list[Any] = []
        parts: list[Any] = []

        def step(text: str) -> None:
            if isinstance(text, PartDone):
                if text.done == 1:
                    parts[:] = [progress.add_task("", total=text.of)]
                for task in parts:
                    progress.update(task, description=str(text), completed=text.done)
                return
            for task in current:
                progress.update(task, total=1, completed=1)
            current[:] = [progress.add_task(text, total=None)]

        yield step
        for task in current:
            progress.update(task, total=1, completed=1)


def print_rulesets(rows: list[dict[str, Any]]) -> None:
    """Print the list of rule sets; on a narrow screen all but the id stands in one column."""
    console = Console(width=None if sys.stdout.isatty() else PIPED_LIST)
    console.print(_rulesets_table(rows, folded=console.width < NARROW))


def _rulesets_table(rows: list[dict[str, Any]], *, folded: bool) -> Table:
    """Lay out the rule sets; an id is typed after reading it here, so it is never cut."""
    titles = {key: say(f"cli.column_{key}") for key in rows[0]}
    table = Table(show_lines=folded)
    table.add_column(titles["id"], no_wrap=True, min_width=max(len(row["id"]) for row in rows))
    for key in ["label"] if folded else list(titles)[1:]:
        table.add_column(titles[key])
    for row in rows:
        shown = {key: ", ".join(cell) if isinstance(cell, list) else str(cell) for key, cell in row.items()}
        if folded:
            counts = ", ".join(f"{titles[key]}: {shown[key]}" for key in ("verified", "recalled", "unknown"))
            parts = f"{titles['parts']}: {shown['parts']}" if shown["parts"] else ""
            dates = f"{shown['start']} – {shown['end']}".rstrip()
            lines = filter(None, (shown["label"], shown["document"], dates, counts, parts))
            table.add_row(shown["id"], "\n".join(lines))
        else:
            table.add_row(*shown.values())
    return table


def print_explanation(found: Explanation, name: str) -> None:
    """Print why a commune got its verdict, what would change it, and what is missing."""
    lang = language()
    click.echo(f"{name} ({found.code}) – {found.rules.label[lang]}")
    for line in filter(None, (found.reason(lang), found.comparison(lang))):
        click.echo(line)
    rows = found.table(lang)
    table = Table(*[say(f"explain.column_{name}", lang) for name in rows.columns], show_lines=False)
    for row in rows.to_numpy().tolist():
        table.add_row(*row)
    print_table(table)
    for title, lines in (("what_changes", found.changes(lang)), ("what_is_missing", found.gaps(lang))):
        click.echo(say(f"explain.{title}", lang))
        for line in lines:
            click.echo(f"  - {line}")


def print_issues(issues: tuple[Issue, ...]) -> None:
    """Print the issues table and how many rows of each severity it has."""
    if not issues:
        click.echo(say("cli.no_issues"))
        return
    frame = issues_frame(issues, language())
    table = Table(*[say(f"cli.column_{name}") for name in frame.columns], show_lines=False)
    for row in frame.itertuples(index=False):
        table.add_row(*(str(cell) for cell in row))
    print_table(table)
    counts = frame["severity"].value_counts()
    click.echo(say("cli.issue_counts", **{key: int(counts.get(key, 0)) for key in ("error", "warning", "info")}))
