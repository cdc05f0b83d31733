"""``index.html``: everything that the result folder holds, on a page that opens without a network.

The page lists what stands in the folder, so that publishing a part of a result again gives the page of a whole run.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path

import jinja2
from markupsafe import Markup

from geontm.messages import say
from geontm.publish.content import Content
from geontm.publish.products import Products
from geontm.publish.site.facts import before_of, day_of, facts_of, findings_of, inputs_of, whole
from geontm.publish.site.shelf import shelf_of
from geontm.tables import REFORM, Label

__all__ = ["write_gallery"]


def write_gallery(content: Content, folder: Path, products: Products) -> Path:
    """Write the start page of a result.

    Parameters
    ----------
    content : Content
    folder : Path
        The result folder; all other files but ``run.json`` stand in it already.
    products : Products
        ``maps`` in the order to show; ``site`` chooses between the gallery and a plain list.

    Returns
    -------
    Path
        ``index.html``: both languages inside, that of the run in front.
    """
    source = files("geontm.publish.site")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: source.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"words": _words, "both": _both, "chosen": lambda label: label[content.lang]}
    style, script = (source.joinpath(f"gallery.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    page = environment.get_template("gallery.html.j2" if products.site else "plain.html.j2").render(
        lang=content.lang,
        title=content.title,
        policy=_policy(style, script),
        style=Markup(style),
        script=Markup(script),
        as_of=day_of(content.as_of),
        n=Label(*(whole(len(content.units), lang) for lang in ("vi", "en"))),
        former="district_code" in content.units and bool(content.units["district_code"].notna().any()),
        notes=content.notes,
        valid_from=None if content.notes.date is None else day_of(content.notes.date),
        before=before_of(content),
        reform=day_of(REFORM),
        illustrative=bool(content.illustrative & set(content.wide.columns)),
        fingerprint=content.fingerprint,
        facts=facts_of(content),
        shelf=shelf_of(content, folder, products),
        findings=findings_of(content),
        inputs=inputs_of(content),
        rulesets=content.rulesets,
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _words(message_id: str, **values: object) -> Label:
    """Return a text of the catalogue in both languages; a value that is a label is filled in as each has it."""
    return Label(*(say(message_id, lang, **values) for lang in ("vi", "en")))


def _both(label: Label) -> Markup:
    """Put both languages on the page; the style shows the one that the page is in."""
    if label.vi == label.en:
        return Markup.escape(label.vi)
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(label.vi, label.en)


def _policy(style: str, script: str) -> str:
    """Allow this page's own style and script by their hashes, pictures beside it, and nothing else."""
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in (style, script)
    )
    # A page opened from a disk has no origin that 'self' could name: there its pictures are of the scheme file.
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
    )
