"""Turns what is raised into plain messages and exit codes, and sets the language that they are in."""

from __future__ import annotations

import os
from typing import Any

import click

from geontm.errors import GeontmError
from geontm.messages import Language, say

__all__ = ["Shell", "Stopped", "speak"]

MOST_FINDINGS = 20  # behind one error; the rest is counted


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


def speak(lang: Language | None) -> None:
    """Let ``--lang`` outrank ``LANG`` for the messages of this process."""
    if lang:
        os.environ["GEONTM_LANG"] = lang
