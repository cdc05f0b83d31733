"""Builds the Word templates that geontm carries, byte for byte the same each time.

    python docs/build_word_template.py            # writes src/geontm/publish/words/templates/*.docx

Margins, typeface and the place of page numbers are those of Decree 30/2020/NĐ-CP (A4; 20, 20, 30 and 15 mm). Words come
from ``data/messages/words.yaml`` (``template_text_*``); fields are those of ``geontm.publish.words.fields``.
"""

from __future__ import annotations

import copy
import datetime
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from geontm.messages import Language, say
from geontm.publish.words.finish import save

TARGET = Path(__file__).resolve().parent.parent / "src" / "geontm" / "publish" / "words" / "templates"
FONT = "Times New Roman"
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
MADE = datetime.date(2026, 1, 1)
STAND = {False: "Table Text", True: "Table Figure"}

# name, size, bold, italic, alignment, space before, after, first-line indent (mm), keep with next
PARAGRAPHS = (
    ("Normal", 13, False, False, LEFT, 0, 6, 0, False),
    ("Body Text", 13, False, False, WD_ALIGN_PARAGRAPH.JUSTIFY, 0, 6, 10, False),
    ("Letterhead", 12, False, False, LEFT, 0, 0, 0, True),
    ("Letterhead Bold", 13, True, False, LEFT, 0, 4, 0, True),
    ("Letter", 13, False, True, LEFT, 2, 14, 0, True),
    ("Title", 14, True, False, CENTRE, 0, 4, 0, True),
    ("Subtitle", 14, True, False, CENTRE, 0, 4, 0, True),
    ("Heading 1", 14, True, False, LEFT, 16, 6, 0, True),
    ("Heading 2", 13, True, False, LEFT, 12, 6, 0, True),
    ("Heading 3", 13, True, True, LEFT, 8, 4, 0, True),
    ("TOC Heading", 13, True, False, CENTRE, 12, 6, 0, True),
    ("toc 1", 13, False, False, LEFT, 0, 3, 0, False),
    ("toc 2", 13, False, False, LEFT, 0, 3, 0, False),
    ("Caption", 12, True, False, CENTRE, 8, 4, 0, True),
    ("Map", 12, False, False, CENTRE, 8, 4, 0, True),
    ("Source", 11, False, True, CENTRE, 0, 10, 0, False),
    ("Notice", 12, True, False, LEFT, 3, 3, 0, False),
    ("Rule", 4, False, False, CENTRE, 0, 4, 0, True),
    ("Date", 13, False, True, CENTRE, 0, 6, 0, False),
    ("Table Text", 11, False, False, LEFT, 2, 2, 0, False),
    ("Table Figure", 11, False, False, RIGHT, 2, 2, 0, False),
    ("Table Middle", 11, False, False, CENTRE, 2, 2, 0, False),
    ("Table Head", 11, True, False, CENTRE, 2, 2, 0, True),
    ("Rule Below", 6, False, False, CENTRE, 0, 0, 0, True),
    ("Note", 12, False, True, LEFT, 0, 4, 0, True),
    ("Recipients", 11, False, False, LEFT, 0, 0, 0, True),
    ("Signature", 13, False, False, CENTRE, 0, 0, 0, True),
    ("Signer", 13, False, False, LEFT, 0, 0, 0, True),
    ("Header", 13, False, False, CENTRE, 0, 0, 0, False),
    ("Footer", 10, False, True, CENTRE, 0, 0, 0, False),
)
# Tables with a row per entry: the list, and per column its heading, width (twips) and field; figures (>) stand right.
# A column with a condition (field if …) is there where it holds.
TABLES = {
    "priority": ("priority", (("rank", 900, ">rank"), ("commune", 3300, "name"),
                              ("province", 2300, "province if many_provinces"), ("score", 1200, ">score"),
                              ("between", 1654, ">between"))),
    "indicators": ("indicators", (("indicator", 2854, "label"), ("unit", 1150, "unit"), ("years", 1150, "years"),
                                  ("known", 1250, ">known"), ("lowest", 950, ">lowest"), ("median", 1000, ">median"),
                                  ("highest", 1000, ">highest"))),
    "outcomes": ("set.outcomes", (("outcome", 5754, "label"), ("count", 1800, ">count"), ("share", 1800, ">share"))),
    "conditions": ("set.conditions", (("condition", 2704, "label"), ("limit", 1600, "limit"),
                                      ("article", 1850, "article"), ("met", 950, ">met"), ("not_met", 1000, ">not_met"),
                                      ("unknown", 1250, ">unknown"))),
    "progress": ("measure.years", (("year", 800, "year"), ("plan", 1150, ">plan"), ("actual", 1700, ">actual"),
                                   ("plan_so_far", 1150, ">plan_so_far"), ("actual_so_far", 1700, ">actual_so_far"),
                                   ("state", 2854, "state"))),
    "off_plan": ("programme.units", (("commune", 2900, "name"), ("measure", 2554, "measure"),
                                     ("planned_year", 1200, ">planned"), ("reached_year", 1200, ">reached"),
                                     ("state", 1500, "state"))),
    "sizes": ("programme.sizes", (("list", 3000, "label"), ("day", 1500, "day"), ("count", 1400, ">count"),
                                  ("document", 3454, "source"))),
    "merged": ("programme.merged", (("commune", 2200, "name"), ("parts", 3554, "parts"), ("day", 1300, "day"),
                                    ("document", 2300, "document"))),
    "values": ("programme.values", (("indicator", 2150, "label"), ("area", 1750, "place"), ("year", 700, "year"),
                                    ("target", 1050, ">planned"), ("actual", 1100, ">actual"),
                                    ("forecast", 1050, ">forecast"), ("note", 1554, "note"))),
    "floors": ("programme.floors", (("indicator", 3000, "label"), ("commune", 2554, "name"), ("floor", 1200, ">floor"),
                                    ("actual", 1400, ">value"), ("short", 1200, ">missing"))),
    "capital": ("programme.capital", (("by", 1400, "by"), ("name", 3154, "name"), ("allocated", 1800, ">allocated"),
                                      ("disbursed", 1900, ">disbursed"), ("share", 1100, ">share"))),
    "agencies": ("programme.agencies", (("commune", 2800, "commune"), ("agencies", 6554, "agencies"))),
    "figures": ("programme.figures", (("figure", 2100, "label"), ("value", 1250, ">value"), ("unit", 1300, "unit"),
                                      ("day", 1300, "day"), ("how", 1400, "how"), ("behind", 2004, "source"))),
    "sources": ("sources", (("file", 2700, "file"), ("years", 1200, "years"), ("indicators", 5454, "indicators"))),
    "gaps": ("gaps", (("what", 3300, "label"), ("missing", 1400, ">missing"), ("which", 4654, "names"))),
    "kinds": ("issue_kinds", (("severity", 1200, "severity"), ("count", 1000, ">count"), ("example", 7154, "example"))),
    "issues": ("issues", (("severity", 1050, "severity"), ("place", 2200, "place"), ("value", 1350, "value"),
                          ("reason", 2754, "reason"), ("suggestion", 2000, "suggestion"))),
}  # fmt: skip
# Lines of the signature and of the letterhead: what stands left, what stands right; and the style of both.
SIGNATURE = (("recipients", "signer"), ("recipient_first", "signed"), ("recipient_file", ""), ("", "signer_name"))
LETTERHEAD = (("over", "nation", "Letterhead"), ("office", "motto", "Letterhead Bold"), ("number", "place", "Letter"))
TABLE_STYLE = f"""
<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="ReportTable">
  <w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
  <w:tblPr><w:tblStyleRowBandSize w:val="1"/>
    <w:tblBorders>
      <w:top w:val="single" w:sz="6" w:space="0" w:color="404040"/>
      <w:left w:val="single" w:sz="4" w:space="0" w:color="808080"/>
      <w:bottom w:val="single" w:sz="6" w:space="0" w:color="404040"/>
      <w:right w:val="single" w:sz="4" w:space="0" w:color="808080"/>
      <w:insideH w:val="single" w:sz="4" w:space="0" w:color="808080"/>
      <w:insideV w:val="single" w:sz="4" w:space="0" w:color="808080"/>
    </w:tblBorders>
    <w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>
  </w:tblPr>
  <w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr>
    <w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="E7EBEF"/><w:vAlign w:val="center"/></w:tcPr></w:tblStylePr>
</w:style>"""


def main() -> None:
    """Write the template in both languages."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for lang in ("vi", "en"):
        save(build(lang), TARGET / f"report.{lang}.docx", title="", day=MADE)
        save(build_annex(lang), TARGET / f"annex.{lang}.docx", title="", day=MADE)


def build(lang: Language) -> Any:
    """Return the report template in one language."""
    document = build_base(lang)
    for footer in (document.sections[0].footer, document.sections[0].first_page_footer):
        footer.paragraphs[0].add_run(
            "{{ title }} · {{ day }} · {{ fingerprint }}{% if marks %} · {{ marks }}{% endif %}"
        )
    body = Body(document, lang)
    front(body)
    results(body)
    rule_sets(body)
    programme(body)
    account(body)
    return document


def build_annex(lang: Language) -> Any:
    """Return the base of the annex: its tables are read line by line, so they are set larger."""
    document = build_base(lang)
    for name in ("Table Text", "Table Figure", "Table Middle", "Table Head"):
        document.styles[name].font.size = Pt(12)
    return document


def build_base(lang: Language) -> Any:
    """Return a document with styles, page and page numbers, and nothing in it."""
    document = Document()
    for paragraph in list(document.element.body.iterchildren(qn("w:p"))):
        document.element.body.remove(paragraph)
    about = document.core_properties
    about.author, about.comments, about.keywords = "geontm", "", ""
    set_styles(document, lang)
    set_page(document)
    return document


class Body:
    """Adds paragraphs and tables to a document, with words in one language."""

    def __init__(self, document: Any, lang: Language) -> None:
        self.document, self.lang = document, lang

    def word(self, key: str) -> str:
        """Return a text of the template."""
        return say(f"words.template_text_{key}", self.lang)

    def text(self, text: str, style: str = "Body Text") -> Any:
        """Add a paragraph."""
        return self.document.add_paragraph(text, style=style)

    def heading(self, text: str, level: int) -> None:
        """Add a heading."""
        self.document.add_paragraph(text, style=f"Heading {level}")

    def each(self, name: str, among: str, text: str, style: str = "Body Text") -> Any:
        """Add a paragraph that is repeated for each entry of a list."""
        self.text(f"{{%p for {name} in {among} %}}", style)
        repeated = self.text(text, style)
        self.text("{%p endfor %}", style)
        return repeated

    def caption(self, kind: str, text: str) -> None:
        """Add a numbered caption; the number is a field, so that Word can list and refer to it."""
        label = self.word(f"label_{kind}")
        paragraph = self.text(f"{label} ", "Caption")
        add_field(paragraph, f" SEQ {label.replace(' ', '_')} \\* ARABIC ", "1")
        paragraph.add_run(f". {text}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Show what is added meanwhile only where a condition holds."""
        self.text(f"{{%p if {condition} %}}")
        yield
        self.text("{%p endif %}")

    def otherwise(self, text: str) -> None:
        """Say something where the condition does not hold."""
        self.text("{%p else %}")
        self.text(text)

    def table(self, name: str) -> None:
        """Add a caption and one of ``TABLES``."""
        among, columns = TABLES[name]
        self.caption("table", self.word(f"{name}_caption"))
        heads, cells, widths = [], [], []
        for head, width, told in columns:
            field, _, condition = told.lstrip(">").partition(" if ")
            shown = [(self.word(f"head_{head}"), f"{{{{ one.{field} }}}}", width)]
            if condition:
                shown = [(f"{{%tc if {condition} %}}",) * 2 + (1,), *shown, ("{%tc endif %}",) * 2 + (1,)]
            heads += [(text, "Table Head") for text, _, _ in shown]
            cells += [(text, STAND[told.startswith(">")]) for _, text, _ in shown]
            widths += [width for *_, width in shown]
        table = self.new_table(widths)
        self.row(table, heads, head=True)
        self.rows(table, "one", among, cells)

    def new_table(self, widths: Sequence[int]) -> Any:
        """Add a table without rows, its columns fixed."""
        table = self.document.add_table(rows=0, cols=len(widths))
        set_table(table, widths)
        return table

    def rows(self, table: Any, name: str, among: str, cells: Sequence[tuple[str, str]], *, bold: bool = False) -> None:
        """Add a row that is repeated for each entry of a list."""
        self.row(table, [(f"{{%tr for {name} in {among} %}}", "Table Text")])
        self.row(table, cells)
        if bold:
            for cell in table.rows[-1].cells:
                cell.paragraphs[0].runs[0].bold = True
        self.row(table, [("{%tr endfor %}", "Table Text")])

    def row(self, table: Any, cells: Sequence[tuple[str, str]], *, head: bool = False) -> None:
        """Add a row that is not broken across pages; a head is repeated on each page."""
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if head:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, (text, style) in zip(row.cells, cells, strict=False):
            cell.paragraphs[0].style = style
            cell.paragraphs[0].add_run(text)


def front(body: Body) -> None:
    """Letterhead, title, notices, contents, summary."""
    for left, right, style in LETTERHEAD:
        line = body.text("", style)
        line.add_run(f"\t{body.word(f'letter_{left}')}\t")
        shown = line.add_run(body.word(f"letter_{right}"))
        shown.bold, shown.underline = style != "Letter", True if right == "motto" else None
    body.text(body.word("kind"), "Title")
    body.text(body.word("subject"), "Subtitle")
    body.text("{{ title }}", "Subtitle")
    body.text("", "Rule")
    body.text(body.word("dates"), "Date")
    body.each("notice", "notices", "{{ notice }}", "Notice")
    body.text(body.word("contents"), "TOC Heading")
    contents = body.text("", "toc 1")
    add_field(contents, ' TOC \\o "1-2" \\n \\h \\z ', body.word("contents"))
    body.heading(f"1. {body.word('summary')}", 1)
    body.each("sentence", "summary", "– {{ sentence }}")


def results(body: Body) -> None:
    """Tables and maps."""
    body.heading(f"2. {body.word('tables')}", 1)
    body.heading(f"2.1. {body.word('areas')}", 2)
    areas(body)
    body.heading(f"2.2. {body.word('priority')}", 2)
    with body.when("priority"):
        body.table("priority")
    body.text("{{ priority_note }}", "Source")
    body.heading(f"2.3. {body.word('indicators')}", 2)
    body.table("indicators")
    with body.when("maps_wide"):
        end_section(body, turned=False)
    body.heading(f"3. {body.word('maps')}", 1)
    with body.when("not maps"):
        body.text(body.word("maps_none"))
    body.text("{%p for map in maps %}")
    body.text("{{ map.picture }}", "Map")
    body.caption("map", "{{ map.caption }}")
    body.text("{{ map.source }}", "Source")
    body.text("{%p endfor %}")
    with body.when("maps_wide"):
        end_section(body, turned=True)


def areas(body: Body) -> None:
    """Add the table by province or district, which has a column per verdict."""
    body.caption("table", body.word("areas_caption"))
    table = body.new_table([2600, 2251, 2251, 2252])
    head = [body.word("head_area"), "{%tc for column in areas.columns %}", "{{ column }}", "{%tc endfor %}"]
    body.row(table, [(text, "Table Head") for text in head], head=True)
    cells = ["{{ area.name }}", "{%tc for cell in area.cells %}", "{{ cell }}", "{%tc endfor %}"]
    shown = [(text, STAND[k > 0]) for k, text in enumerate(cells)]
    body.rows(table, "area", "areas.rows", shown)
    body.rows(table, "area", "areas.total", shown, bold=True)
    body.text(f"{body.word('areas_note')} {{{{ areas.note }}}}", "Source")


def end_section(body: Body, *, turned: bool) -> None:
    """Add a paragraph that ends a section of upright or turned pages, with the headers of the document."""
    section = copy.deepcopy(body.document.element.body.sectPr)
    if turned:
        size = section.find(qn("w:pgSz"))
        width, height = size.get(qn("w:w")), size.get(qn("w:h"))
        size.set(qn("w:w"), height)
        size.set(qn("w:h"), width)
        size.set(qn("w:orient"), "landscape")
        section.remove(section.find(qn("w:titlePg")))
    body.text("", "Rule Below")._p.get_or_add_pPr().append(section)


def rule_sets(body: Body) -> None:
    """Results by rule set."""
    body.heading(f"4. {body.word('rulesets')}", 1)
    body.text("{%p for set in rulesets %}")
    body.heading("4.{{ loop.index }}. {{ set.label }}", 2)
    with body.when("set.document"):
        body.text(body.word("document")).paragraph_format.keep_with_next = True
    body.each("note", "set.notes", "{{ note }}").paragraph_format.keep_with_next = True
    with body.when("set.outcomes"):
        body.table("outcomes")
    with body.when("set.conditions"):
        body.table("conditions")
        with body.when("set.left"):
            body.text("{{ set.left }}", "Source")
    body.text("{%p endfor %}")


def programme(body: Body) -> None:
    """Plan against actual, mergers, values, capital, agencies and the figures of documents, where the run has them."""
    with body.when("programme.shown"):
        body.heading("5. {{ programme.title }}", 1)
        with body.when("programme.mark"):
            body.text("{{ programme.mark }}", "Notice")
        followed(body)
        for table, notes in (("values", ("values_left",)), ("capital", ()), ("agencies", ("agencies_left",))):
            either = " or programme.values_left or programme.floors_note" if table == "values" else ""
            with body.when(f"programme.{table}{either}"):
                body.heading(body.word(f"programme_{table}"), 3)
                with body.when(f"programme.{table}"):
                    body.table(table)
                add_notes(body, notes)
                if table == "values":
                    with body.when("programme.floors"):
                        body.table("floors")
                    add_notes(body, ("floors_note",))
        with body.when("programme.figures"):
            body.heading(body.word("programme_figures"), 3)
            body.table("figures")
            add_notes(body, ("figures_left",))
            with body.when("programme.figure_sources"):
                first = body.text(body.word("figure_sources"), "Note")
                first.paragraph_format.space_before = Pt(6)
            named = body.each("document", "programme.figure_sources", "{{ document }}", "Note")
            named.paragraph_format.keep_with_next = False
        with body.when("programme.contradictions"):
            body.heading(body.word("programme_contradictions"), 3)
            body.each("said", "programme.contradictions", "– {{ said }}")


def followed(body: Body) -> None:
    """Add what was planned and reached, who is on the list, and what merged."""
    with body.when("programme.measures or programme.sizes or programme.members"):
        body.heading(body.word("programme_progress"), 3)
    body.text("{%p for measure in programme.measures %}")
    with body.when("measure.years"):
        body.table("progress")
    for field, style in (("source", "Source"), ("start", "Body Text"), ("standing", "Body Text")):
        with body.when(f"measure.{field}"):
            body.text(f"{{{{ measure.{field} }}}}", style)
    body.text("{%p endfor %}")
    with body.when("programme.units"):
        body.table("off_plan")
        add_notes(body, ("units_left",))
    with body.when("programme.sizes"):
        body.table("sizes")
    body.each("line", "programme.members", "– {{ line }}")
    with body.when("programme.merged or programme.merged_note"):
        body.heading(body.word("programme_merged"), 3)
        with body.when("programme.merged"):
            body.table("merged")
        add_notes(body, ("merged_note",))


def add_notes(body: Body, names: Sequence[str]) -> None:
    """Add the lines below a table that tell what it leaves out."""
    for name in names:
        with body.when(f"programme.{name}"):
            body.text(f"{{{{ programme.{name} }}}}", "Source")


def account(body: Body) -> None:
    """Methods, sources, what is unknown, issues."""
    fifth, sixth = (f"{{{{ {place + 1} if programme.shown else {place} }}}}" for place in (5, 6))
    body.heading(f"{fifth}. {body.word('methods')}", 1)
    body.heading(f"{fifth}.1. {body.word('how')}", 2)
    body.each("method", "methods", "– {{ method }}")
    body.heading(f"{fifth}.2. {body.word('sources')}", 2)
    with body.when("sources"):
        body.table("sources")
        body.otherwise(body.word("sources_none"))
    body.heading(f"{sixth}. {body.word('unknown')}", 1)
    body.heading(f"{sixth}.1. {body.word('gaps')}", 2)
    with body.when("gaps"):
        body.table("gaps")
        body.otherwise(body.word("gaps_none"))
    body.heading(f"{sixth}.2. {body.word('issues')}", 2)
    body.text("{{ issue_summary }}")
    with body.when("issues"):
        body.table("kinds")
        body.table("issues")
        with body.when("issues_left"):
            body.text("{{ issues_left }}", "Source")
    for left, right in SIGNATURE:
        texts = [say(f"books.annex_{name}", body.lang) if name else "" for name in (left, right)]
        line = body.text("", "Signer")
        line.add_run(texts[0])
        signed = line.add_run(f"\t{texts[1]}")
        signed.bold, signed.italic, signed.font.size = (
            right != "signed",
            right == "signed",
            Pt(11 if right == "signed" else 13),
        )
        line.runs[0].italic, line.runs[0].font.size = True, Pt(12 if left == "recipients" else 11)
        line.runs[0].bold = left == "recipients"
        line.paragraph_format.space_before = Pt({"recipients": 24, "": 48}.get(left, 0))


def set_styles(document: Any, lang: Language) -> None:
    """Give every style the typeface of administrative documents; none keeps the colours of an office theme."""
    styles = document.styles
    for name, size, bold, italic, alignment, before, after, indent, keep in PARAGRAPHS:
        known = {style.name for style in styles}
        builtin = name in ("TOC Heading", "toc 1", "toc 2", "Date")
        style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=builtin)
        if name != "Normal":
            style.base_style = styles["Normal"]
        style.quick_style, style.hidden = True, False
        set_font(style, lang)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, italic
        style.font.color.rgb = RGBColor(0, 0, 0)
        place = style.paragraph_format
        place.alignment, place.space_before, place.space_after = alignment, Pt(before), Pt(after)
        place.first_line_indent, place.keep_with_next, place.widow_control = Mm(indent), keep, True
        place.line_spacing = 1.0 if size < 13 else 1.1
        for border in style.element.findall(f"{qn('w:pPr')}/{qn('w:pBdr')}"):
            border.getparent().remove(border)
    styles["toc 2"].paragraph_format.left_indent = Mm(8)
    # The middles of the left and the right half of a page.
    for name, places in (("Letterhead", (33, 117)), ("Letterhead Bold", (33, 117)), ("Letter", (33, 117)), 
                         ("Signer", (113,))):  # fmt: skip
        for place in places:
            styles[name].paragraph_format.tab_stops.add_tab_stop(Mm(place), WD_TAB_ALIGNMENT.CENTER)
    add_edge(styles["Notice"], "left", size=24, space=6, colour="993404")
    add_edge(styles["Rule"], "top", size=6, space=0, colour="000000")
    styles["Rule"].paragraph_format.left_indent = styles["Rule"].paragraph_format.right_indent = Mm(55)
    styles.element.append(parse_xml(TABLE_STYLE))


def add_edge(style: Any, side: str, *, size: int, space: int, colour: str) -> None:
    """Draw a line beside the paragraphs of a style; the schema wants it before the spacing."""
    line = f'<w:{side} w:val="single" w:sz="{size}" w:space="{space}" w:color="{colour}"/>'
    properties = style.element.get_or_add_pPr()
    edge = parse_xml(f"<w:pBdr {nsdecls('w')}>{line}</w:pBdr>")
    spacing = properties.find(qn("w:spacing"))
    properties.insert(list(properties).index(spacing), edge)


def set_font(style: Any, lang: Language) -> None:
    """Set the typeface for every script, without those of a theme."""
    properties = style.element.get_or_add_rPr()
    for tag in ("w:rFonts", "w:lang", "w:spacing", "w:kern", "w:color"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    properties.insert(0, fonts)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), "vi-VN" if lang == "vi" else "en-GB")
    properties.append(spoken)


def set_page(document: Any) -> None:
    """A4 with the margins of Decree 30/2020/NĐ-CP; the page number stands above the text, from the second page on."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.style = "Header"
    add_field(number, " PAGE ", "2")
    for footer in (section.footer, section.first_page_footer):
        footer.paragraphs[0].style = "Footer"
    section.first_page_header.paragraphs[0].style = "Header"


def set_table(table: Any, widths: Sequence[int]) -> None:
    """Fix the columns of a table."""
    table.style = "Report Table"
    table.autofit = False
    grid = table._tbl.tblGrid
    for column, width in zip(grid.findall(qn("w:gridCol")), widths, strict=True):
        column.set(qn("w:w"), str(width))
    properties = table._tbl.tblPr
    size = properties.find(qn("w:tblW"))
    if size is None:
        size = OxmlElement("w:tblW")
        properties.append(size)
    size.set(qn("w:w"), str(sum(widths)))
    size.set(qn("w:type"), "dxa")


def add_field(paragraph: Any, code: str, shown: str) -> None:
    """Add a field with its last result."""
    for kind, text in (("begin", ""), ("code", code), ("separate", ""), ("text", shown), ("end", "")):
        run = paragraph.add_run()
        if kind == "code":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = text
            run._r.append(instruction)
        elif kind == "text":
            run.text = text
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


if __name__ == "__main__":
    sys.exit(main())
