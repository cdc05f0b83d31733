"""``geontm standards``: the rule sets that geontm knows, and why a commune got its verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from geontm import pipeline
from geontm.classify import why
from geontm.cli.options import FILE, JSON_OPTION, LANG_OPTION
from geontm.cli.screen import print_explanation, print_rulesets, print_table, progress
from geontm.cli.shell import speak
from geontm.law import as_data, describe, evidence_counts
from geontm.messages import Language, language
from geontm.project import list_rulesets, read_project, read_ruleset
from geontm.project.published import totals_report
from geontm.project.totals_words import totals_data, totals_lines, totals_table

__all__ = ["standards"]


@click.group()
def standards() -> None:
    """List and show the rule sets that geontm knows."""


@standards.command("list")
@LANG_OPTION
@JSON_OPTION
def standards_list(lang: Language | None, as_json: bool) -> None:
    """List the rule sets: document, dates, rows verified, recalled and unknown, parts for other units."""
    speak(lang)
    rulesets = list_rulesets()
    rows: list[dict[str, Any]] = []
    for rules in rulesets:
        if rules.part_of:
            continue
        parts = [part for part in rulesets if part.part_of == rules.id]
        rows.append(
            {
                "id": rules.id,
                "label": rules.label[language()],
                "document": rules.source.document,
                "start": str(rules.in_force.start),
                "end": str(rules.in_force.end or ""),
                **evidence_counts(rules, parts),
                "parts": [part.id for part in parts],
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    print_rulesets(rows)


@standards.command("show")
@click.argument("ruleset_id", metavar="ID")
@LANG_OPTION
@JSON_OPTION
def standards_show(ruleset_id: str, lang: Language | None, as_json: bool) -> None:
    """Show one rule set: tests, thresholds, articles, sources, and what is verified."""
    speak(lang)
    rules = read_ruleset(ruleset_id)
    click.echo(
        json.dumps(as_data(rules), ensure_ascii=False)
        if as_json
        else describe(rules, language(), others=list_rulesets())
    )


@standards.command("totals")
@LANG_OPTION
@JSON_OPTION
@click.option("--all", "show_all", is_flag=True, help="Show every comparison, not only those that differ.")
@click.pass_context
def standards_totals(ctx: click.Context, lang: Language | None, as_json: bool, show_all: bool) -> None:
    """Compare what the shipped lists, rule sets and registers give with the published totals."""
    speak(lang)
    report = totals_report()
    if as_json:
        click.echo(json.dumps(totals_data(report), ensure_ascii=False))
    else:
        rows, columns = totals_table(report, language(), every=show_all)
        table = Table(*columns)
        for row in rows:
            table.add_row(*row)
        print_table(table)
        for line in totals_lines(report, language()):
            click.echo(line)
    ctx.exit(1 if report.unexpected or report.vanished else 0)


@standards.command("explain")
@click.argument("ruleset_id", metavar="ID")
@click.option("--commune", required=True, help="Code of a commune of the project, or its name.")
@click.argument("project_file", type=FILE, metavar="PROJECT.yaml")
@LANG_OPTION
@JSON_OPTION
def standards_explain(ruleset_id: str, commune: str, project_file: Path, lang: Language | None, as_json: bool) -> None:
    """Explain why a commune got its verdict, what would change it, and what is missing."""
    speak(lang)
    project = read_project(project_file, lang=lang or "vi")
    with progress() as step:
        judged = pipeline.judge(project, step=step)
    found = why(judged.verdicts, pipeline.commune_code(judged.table, commune), ruleset_id)
    name = str(judged.table["commune_name"][found.code])
    if as_json:
        click.echo(json.dumps({"commune_name": name, **found.as_data()}, ensure_ascii=False, default=str))
    else:
        print_explanation(found, name)
