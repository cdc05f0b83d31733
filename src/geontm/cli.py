"""The command line: parse, call the library, print. Nothing is possible only from here."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from geontm import pipeline
from geontm.classify import Explanation, why
from geontm.errors import GeontmError
from geontm.law import as_data, describe, evidence_counts
from geontm.messages import Language, language, say
from geontm.pipeline.account import PartDone
from geontm.project import case_file, list_rulesets, new_project, read_project, read_ruleset
from geontm.project.published import totals_report
from geontm.project.totals_words import totals_data, totals_lines, totals_table
from geontm.publish import Part, require_replaceable
from geontm.tables import Issue, issues_frame, worst

__all__ = ["cli", "main"]

DEFAULT_CASE = "cao-bang-2026"
LANG_OPTION = click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of results and messages.")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
NARROW = 120  # columns of a screen below which the list of rule sets folds all but the id into the name
MOST_FINDINGS = 20  # behind one error; the rest is counted
FILE = click.Path(path_type=Path)
OUT_OPTION = click.option("--out", type=FILE, help="Result folder (default: maps/<project or case>).")


class Stopped(click.ClickException):
    """The user pressed Ctrl-C; everything half done has been removed by then."""

    def show(self, file: Any = None) -> None:
        """Print the message as it is, without «Error:»."""
        click.echo(self.message, file=file, err=True)


class Shell(click.Group):
    """Turns what geontm raises into a plain message and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; translate errors."""
        try:
            return super().invoke(ctx)
        except GeontmError as error:
            click.echo(error.text(), err=True)
            for issue in error.issues[:MOST_FINDINGS]:
                place = ", ".join(filter(None, (issue.sheet, issue.row, issue.column, issue.value)))
                click.echo(f"  - {place}: {issue.message.text()}" if place else f"  - {issue.message.text()}", err=True)
            if len(error.issues) > MOST_FINDINGS:
                click.echo("  - " + say("cli.more_findings", n=len(error.issues) - MOST_FINDINGS), err=True)
        except KeyboardInterrupt:
            raise Stopped(say("cli.interrupted")) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("GEONTM_DEBUG"):
                raise
            click.echo(say("cli.unexpected", kind=type(error).__name__, text=str(error)), err=True)
        return ctx.exit(1)


@click.group(cls=Shell, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="geontm")
def cli() -> None:
    """Classify communes, measure coverage, publish offline maps for Vietnam's rural programmes."""


@cli.command()
@click.argument("project_file", required=False, type=FILE, metavar="[PROJECT.yaml]")
@click.option("--case", "case_name", help="A built-in case instead of a project file.")
@OUT_OPTION
@click.option("--cluster", metavar="ADDRESS", help="A dask scheduler that measures the provinces: tcp://host:8786.")
@LANG_OPTION
@JSON_OPTION
def run(
    project_file: Path | None,
    case_name: str | None,
    out: Path | None,
    *,
    cluster: str | None,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Run the main job: tables and boundaries to verdicts, priorities and maps. Prints the result folder last."""
    _speak(lang)
    if project_file and case_name:
        raise click.UsageError(say("cli.project_or_case"))
    if not project_file and not case_name:
        project_file = Path("project.yaml") if Path("project.yaml").exists() else None
        case_name = None if project_file else DEFAULT_CASE
        click.echo(say("cli.chosen", name=project_file or case_name), err=True)
    file = project_file or case_file(str(case_name))
    project = read_project(file, lang=lang or "vi")
    target = out or Path("maps") / (case_name or project.slug)
    require_replaceable(target)
    with _progress() as step:
        plan = pipeline.run(project, step=step, cluster=cluster)
        pipeline.write(plan, target, step=step)
    if as_json:
        click.echo(json.dumps({"folder": str(target), **pipeline.summary(plan)}, ensure_ascii=False))
        return
    for line in pipeline.summary_lines(plan):
        click.echo(line, err=True)
    click.echo(str(target))


@cli.command()
@click.argument("project_file", type=FILE, metavar="PROJECT.yaml")
@LANG_OPTION
@JSON_OPTION
@click.pass_context
def check(ctx: click.Context, project_file: Path, lang: Language | None, as_json: bool) -> None:
    """Read and validate everything, compute nothing; print the issues table."""
    _speak(lang)
    with _progress() as step:
        issues = pipeline.check(read_project(project_file, lang=lang or "vi"), step=step)
    frame = issues_frame(issues, language())
    if as_json:
        click.echo(frame.to_json(orient="records", force_ascii=False))
    else:
        _print_issues(issues)
    ctx.exit(1 if worst(issues) == "error" else 0)


def _publish_again(file: Path, parts: tuple[Part, ...], out: Path | None, *, lang: Language | None, **how: Any) -> None:
    """Publish parts of a finished run again; print its folder, or the files as JSON."""
    _speak(lang)
    as_json = how.pop("as_json")
    project = read_project(file, lang=lang or "vi")
    target = out or Path("maps") / project.slug
    with _progress() as step:
        written = pipeline.publish_again(project, target, parts, lang=lang, step=step, **how)
    if as_json:
        click.echo(json.dumps({"folder": str(target), "written": list(map(str, written))}, ensure_ascii=False))
        return
    click.echo(say("site.again_done", n=len(written)), err=True)
    click.echo(str(target))


@cli.command("map")
@click.argument("project_file", type=FILE, metavar="PROJECT.yaml")
@OUT_OPTION
@click.option("--only", metavar="NAME,...", default="", help="Some of the project's maps; the others stay.")
@LANG_OPTION
@JSON_OPTION
def map_command(project_file: Path, out: Path | None, only: str, **options: Any) -> None:
    """Draw the maps of a finished run again: pages, print sheets, atlas, start page."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    _publish_again(project_file, ("maps",), out, only=names, **options)


@cli.command("report")
@click.argument("project_file", type=FILE, metavar="PROJECT.yaml")
@OUT_OPTION
@LANG_OPTION
@JSON_OPTION
def report_command(project_file: Path, out: Path | None, **options: Any) -> None:
    """Write the report, the annex and the workbook of a finished run again."""
    _publish_again(project_file, ("report",), out, **options)


@cli.command()
@click.argument("folder", type=FILE, metavar="DIR")
@click.option("--province", help="Two-digit code of a province, e.g. 22.")
@LANG_OPTION
def new(folder: Path, province: str | None, lang: Language | None) -> None:
    """Make a project folder: a commented project file, an Excel template, a README."""
    _speak(lang)
    file = new_project(folder, province=province)
    click.echo(say("cli.new_done", folder=folder, file=file), err=True)
    click.echo(str(file))


@cli.command()
@click.option("--full", is_flag=True, help="The whole country: 1.5 million road segments, cells of 100 m.")
@click.option("--boundaries", type=FILE, help="A layer of communes; else the schematic one, its edges roughened.")
@click.option("--out", type=FILE, default=Path("bench"), show_default=True, help="Folder for inputs and results.")
@click.option("--only", metavar="JOB,...", default="", help="Some of the jobs.")
@click.option("--repeat", type=click.IntRange(min=1), default=3, show_default=True, help="Runs of every way.")
@click.option("--growth/--no-growth", default=True, help="Also run on a quarter and a half of the size.")
@LANG_OPTION
@JSON_OPTION
@click.pass_context
def bench(ctx: click.Context, /, full: bool, lang: Language | None, as_json: bool, **options: Any) -> None:
    """Measure geontm beside other libraries on generated data; check the results unit by unit."""
    from geontm import bench as room

    _speak(lang)
    only = [name.strip() for name in options.pop("only").split(",") if name.strip()]
    with _progress() as step:
        found = room.run_benchmark(
            options.pop("out"), size="full" if full else "small", only=only, step=step, **options
        )
    if as_json:
        click.echo(json.dumps(found.data, ensure_ascii=False))
    else:
        Console(width=None if sys.stdout.isatty() else 200).print(room.table(found.outcomes))
        for line in room.notes(found):
            click.echo(line)
    ctx.exit(1 if found.wrong else 0)


@cli.group()
def standards() -> None:
    """List and show the rule sets that geontm knows."""


@standards.command("list")
@LANG_OPTION
@JSON_OPTION
def standards_list(lang: Language | None, as_json: bool) -> None:
    """List the rule sets: document, dates, rows verified, recalled and unknown, parts for other units."""
    _speak(lang)
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
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(_rulesets_table(rows, folded=console.width < NARROW))


@standards.command("show")
@click.argument("ruleset_id", metavar="ID")
@LANG_OPTION
@JSON_OPTION
def standards_show(ruleset_id: str, lang: Language | None, as_json: bool) -> None:
    """Show one rule set: tests, thresholds, articles, sources, and what is verified."""
    _speak(lang)
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
    _speak(lang)
    report = totals_report()
    if as_json:
        click.echo(json.dumps(totals_data(report), ensure_ascii=False))
    else:
        rows, columns = totals_table(report, language(), every=show_all)
        table = RichTable(*columns)
        for row in rows:
            table.add_row(*row)
        Console(width=None if sys.stdout.isatty() else 200, markup=False, emoji=False).print(table)
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
    _speak(lang)
    project = read_project(project_file, lang=lang or "vi")
    with _progress() as step:
        judged = pipeline.judge(project, step=step)
    found = why(judged.verdicts, pipeline.commune_code(judged.table, commune), ruleset_id)
    name = str(judged.table["commune_name"][found.code])
    if as_json:
        click.echo(json.dumps({"commune_name": name, **found.as_data()}, ensure_ascii=False, default=str))
    else:
        _print_explanation(found, name)


def main() -> None:
    """Entry point of the ``geontm`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
        if isinstance(error, Stopped):
            # An interrupt that met code run by exec() makes Python end by the signal, whatever was caught since.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    sys.exit(code if isinstance(code, int) else 0)


def _speak(lang: Language | None) -> None:
    """Let ``--lang`` outrank ``LANG`` for the messages of this process."""
    if lang:
        os.environ["GEONTM_LANG"] = lang


@contextmanager
def _progress() -> Iterator[Any]:
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


def _rulesets_table(rows: list[dict[str, Any]], *, folded: bool) -> RichTable:
    """Lay out the rule sets; an id is typed after reading it here, so it is never cut."""
    titles = {key: say(f"cli.column_{key}") for key in rows[0]}
    table = RichTable(show_lines=folded)
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


def _print_explanation(found: Explanation, name: str) -> None:
    lang = language()
    click.echo(f"{name} ({found.code}) – {found.rules.label[lang]}")
    for line in filter(None, (found.reason(lang), found.comparison(lang))):
        click.echo(line)
    rows = found.table(lang)
    table = RichTable(*[say(f"explain.column_{name}", lang) for name in rows.columns], show_lines=False)
    for row in rows.to_numpy().tolist():
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 200, markup=False, emoji=False).print(table)
    for title, lines in (("what_changes", found.changes(lang)), ("what_is_missing", found.gaps(lang))):
        click.echo(say(f"explain.{title}", lang))
        for line in lines:
            click.echo(f"  - {line}")


def _print_issues(issues: tuple[Issue, ...]) -> None:
    if not issues:
        click.echo(say("cli.no_issues"))
        return
    frame = issues_frame(issues, language())
    table = RichTable(*[say(f"cli.column_{name}") for name in frame.columns], show_lines=False)
    for row in frame.itertuples(index=False):
        table.add_row(*(str(cell) for cell in row))
    Console(width=None if sys.stdout.isatty() else 200, markup=False, emoji=False).print(table)
    counts = frame["severity"].value_counts()
    click.echo(say("cli.issue_counts", **{key: int(counts.get(key, 0)) for key in ("error", "warning", "info")}))


if __name__ == "__main__":
    main()
