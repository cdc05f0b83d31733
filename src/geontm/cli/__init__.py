"""The command line: parse, call the library, print. Nothing is possible only from here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from geontm import pipeline
from geontm.cli.options import FILE, JSON_OPTION, LANG_OPTION, OUT_OPTION
from geontm.cli.screen import print_issues, print_table, progress
from geontm.cli.shell import Shell, Stopped, speak
from geontm.cli.standards import standards
from geontm.messages import Language, language, say
from geontm.project import case_file, new_project, read_project
from geontm.publish import Part, require_replaceable
from geontm.tables import issues_frame, worst

__all__ = ["cli", "main"]

DEFAULT_CASE = "cao-bang-2026"


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
    speak(lang)
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
    with progress() as step:
        plan = pipeline.run(project, step=step, cluster=cluster)
        pipeline.write(plan, target, step=step)
    if as_json:
        click.echo(json.dumps({"folder": str(target), **pipeline.summary(plan, target)}, ensure_ascii=False))
        return
    for line in pipeline.summary_lines(plan, target):
        click.echo(line, err=True)
    click.echo(str(target))


@cli.command()
@click.argument("project_file", type=FILE, metavar="PROJECT.yaml")
@LANG_OPTION
@JSON_OPTION
@click.pass_context
def check(ctx: click.Context, project_file: Path, lang: Language | None, as_json: bool) -> None:
    """Read and validate everything, compute nothing; print the issues table."""
    speak(lang)
    with progress() as step:
        issues = pipeline.check(read_project(project_file, lang=lang or "vi"), step=step)
    frame = issues_frame(issues, language())
    if as_json:
        click.echo(frame.to_json(orient="records", force_ascii=False))
    else:
        print_issues(issues)
    ctx.exit(1 if worst(issues) == "error" else 0)


def _publish_again(file: Path, parts: tuple[Part, ...], out: Path | None, *, lang: Language | None, **how: Any) -> None:
    """Publish parts of a finished run again; print its folder, or the files as JSON."""
    speak(lang)
    as_json = how.pop("as_json")
    project = read_project(file, lang=lang or "vi")
    target = out or Path("maps") / project.slug
    with progress() as step:
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
    speak(lang)
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

    speak(lang)
    only = [name.strip() for name in options.pop("only").split(",") if name.strip()]
    with progress() as step:
        found = room.run_benchmark(
            options.pop("out"), size="full" if full else "small", only=only, step=step, **options
        )
    if as_json:
        click.echo(json.dumps(found.data, ensure_ascii=False))
    else:
        print_table(room.table(found.outcomes))
        for line in room.notes(found):
            click.echo(line)
    ctx.exit(1 if found.wrong else 0)


cli.add_command(standards)


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
