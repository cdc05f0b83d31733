"""Publishes parts of a finished run again: other maps, another paper, another Word template; the same figures."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from geontm import load, publish
from geontm.errors import PublishError
from geontm.messages import Language, say
from geontm.pipeline.account import DRAWS_ONLY, Step, fingerprint_of, made_from, template_files
from geontm.pipeline.coverage.cache import Cache
from geontm.pipeline.former import told_of
from geontm.pipeline.order import run
from geontm.project import Project
from geontm.tables import Issue, Label

__all__ = ["publish_again"]

# The command that makes a part with words again.
_COMMANDS = {"maps": "map", "report": "report"}


def _quiet(_: str) -> None:
    """Say nothing."""


def publish_again(
    project: Project,
    target: str | Path,
    parts: Collection[publish.Part],
    *,
    only: Collection[str] = (),
    lang: Language | None = None,
    step: Step = _quiet,
) -> list[Path]:
    """Write parts of a finished result again; the other files stay as they are.

    The project is judged again, from the same inputs, and must come to the fingerprint that the result bears; so must
    the former project beside it, unless all maps are made again, for nothing else shows it.

    Parameters
    ----------
    project : Project
        Of the result. Its section ``publish:`` and a Word template may be other than then; nothing else may.
    target : path
        The result folder. The new one appears whole in its place, the old one becomes ``NAME.previous``.
    parts : collection of {"maps", "report"}
        ``maps``: pages, sheets, atlas, thumbnails, layers for QGIS. ``report``: report, annex, workbook. The start page
        and the issues are written with each.
    only : collection of str
        Of the project's maps, those to make; empty makes all.
    lang : {"vi", "en"}, optional
        Language of what is written; else that of the result.
    step : callable
        Told what begins, for a progress display.

    Returns
    -------
    list of Path
        The files written, sorted.

    Raises
    ------
    PublishError
        No result is there (``site.again_no_result``), it was made from something else (``site.again_changed``, with
        each difference as an issue), or a map is not the project's (``site.again_unknown_map``). Nothing is touched.
    """
    for name in only:
        if name not in project.products.maps:
            known = ", ".join(project.products.maps)
            raise PublishError("site.again_unknown_map", where="--only", name=name, known=known)
    target = publish.require_replaceable(target)
    publish.restore_if_missing(target)
    record = publish.read_record(target)
    # Where some maps stay, they go on showing the former project as it was then.
    stay = "maps" not in parts or bool(only)
    _require_unchanged(project, record, target, former=stay)
    lang = lang or record.get("lang") or project.lang
    plan = run(replace(project, lang=lang), step=step)
    # A file may have changed since it was looked at.
    _require(plan.made_from, record, project, target, former=stay)
    maps = project.products.maps
    with publish.result_folder(target) as folder:
        step(say("pipeline.step_publish"))
        publish.carry_over(target, folder, parts, maps=maps, only=only)
        written = publish.write_parts(
            plan.content, folder, plan.products, parts=parts, only=only, step=step, kept=Cache()
        )
        languages = _languages(record, parts, lang, only=only)
        published = datetime.now().astimezone().isoformat(timespec="seconds")
        told = ("project", "versions", "former", *(("templates",) if "report" in parts else ()))
        kept = {name: value for name, value in record.items() if name != "former"}
        now = {name: plan.made_from[name] for name in told if name in plan.made_from}
        publish.write_record(folder, {**kept, **now, "languages": languages, "published": published})
        files = sorted(path.relative_to(folder) for path in written)
    for part, spoken in languages.items():
        if spoken != lang:
            command = f"{_command(project, target, _COMMANDS[part])} --lang {lang}"
            step(say("site.again_other_language", part=_both(f"site.part_{part}"), command=command))
    return [target / file for file in files]


def _languages(
    record: Mapping[str, Any], parts: Collection[publish.Part], lang: Language, *, only: Collection[str]
) -> dict[str, str]:
    """Return the language of each part that has words; tables have names and codes only."""
    then = {part: record.get("lang", lang) for part in _COMMANDS} | record.get("languages", {})
    whole = {part for part in parts if not (part == "maps" and only)}
    return {part: lang if part in whole else then[part] for part in _COMMANDS}


def _both(message_id: str) -> Label:
    return Label(say(message_id, "vi"), say(message_id, "en"))


def _require_unchanged(project: Project, record: Mapping[str, Any], target: Path, *, former: bool) -> None:
    """Compare a result with the project by their files alone, before any work."""
    if "fingerprint" not in record:
        command = _command(project, target)
        raise PublishError("site.again_no_result", where=target, folder=target.name, command=command)
    template_files(project.products)
    account = _account(project)
    if project.former is not None:
        account["former"] = told_of(_account(project.former))
    _require(account, record, project, target, former=former)


def _account(project: Project) -> dict[str, Any]:
    account = made_from(project, load.input_files(project.sources))
    return {**account, "fingerprint": fingerprint_of(account)}


def _require(
    now: Mapping[str, Any], record: Mapping[str, Any], project: Project, target: Path, *, former: bool
) -> None:
    found = [*_differences(record, now), *(_former_differences(record, now) if former else ())]
    if found:
        command = _command(project, target)
        raise PublishError("site.again_changed", where=target, issues=found, folder=target.name, command=command)


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Issue]:
    """Name what a result was made from and is not any more; the fingerprint where nothing else tells."""
    told = False
    for part, message in (("project", "setting"), ("inputs", "input"), ("rulesets_sha256", "ruleset")):
        was, is_now = _part(then, part), _part(now, part)
        for name in sorted(was.keys() | is_now.keys()):
            if was.get(name) != is_now.get(name):
                told = True
                kind = message
                if message == "input" and (name not in was or name not in is_now):
                    kind = "input_new" if name not in was else "input_gone"
                yield Issue.of("error", f"site.again_{kind}", value=name)
    was, is_now = _part(then, "versions"), _part(now, "versions")
    for name in sorted((was.keys() | is_now.keys()) - DRAWS_ONLY):
        if was.get(name) != is_now.get(name):
            told = True
            yield Issue.of("error", "site.again_version", value=name, was=was.get(name, "–"), now=is_now.get(name, "–"))
    if not told and then["fingerprint"] != now["fingerprint"]:
        yield Issue.of("error", "site.again_other", was=then["fingerprint"], now=now["fingerprint"])


def _former_differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Issue]:
    """Name what is different of the former project, which maps that stay go on showing as it was."""
    was, is_now = then.get("former"), now.get("former")
    if was is None and is_now is None:
        return
    if was is None or is_now is None:
        yield Issue.of("error", f"site.again_former_{'new' if was is None else 'gone'}", value="former")
        return
    if was["fingerprint"] != is_now["fingerprint"]:
        for each in _differences(was, is_now):
            yield replace(each, value=f"former → {each.value}" if each.value else "former")


def _part(account: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a section of an account as plain values; what is made of a result is no part of it."""
    part = account.get(name)
    return {key: value for key, value in part.items() if key != "publish"} if isinstance(part, dict) else {}


def _command(project: Project, target: Path, name: str = "run") -> str:
    return f"geontm {name} {shlex.quote(str(project.file))} --out {shlex.quote(str(target))}"
