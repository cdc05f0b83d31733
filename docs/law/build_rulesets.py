"""Writes ``src/geontm/data/rulesets/*.yaml`` and ``data/tables/new_rural.yaml`` from the research on the standards.

``python docs/law/build_rulesets.py FOLDER`` reads one YAML file per standard from FOLDER, with ``names.yaml`` (the
research's words and ours) and ``sets.yaml`` (the form of each rule set) beside this script. Thresholds, dates,
sources and evidence are copied, never typed; a threshold whose unit is not that of its column stops the script. The
sets ``border``, ``dbkk-2021`` and ``region-2026`` are kept by hand. The same inputs give the same bytes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from law_parts import Names, Research, evidence_of, quiet
from pretty import write_yaml

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "geontm" / "data"
TABLES = ("indicators", "villages", "households")
CRITERION = {"vi": "(chưa rõ tên)", "en": "(name not at hand)"}
REST = {
    "vi": "Các chỉ tiêu khác của tiêu chí {no}, nếu có (chưa đối chiếu)",
    "en": "Other indicators of criterion {no}, if any (not seen)",
}
OTHERS = {"vi": "Các chỉ tiêu khác (chưa đối chiếu)", "en": "The other indicators (not seen)"}


def main(folder: Path, data: Path = DATA) -> None:
    """Write every file into ``data``; the tables of columns stand there too."""
    names = Names(read(HERE / "names.yaml"), [read(data / "tables" / f"{name}.yaml") for name in TABLES])
    made_by = "Made by docs/law/build_rulesets.py"
    about = "The new-rural indicators of communes, districts and the nation."
    write(data / "tables" / "new_rural.yaml", names.table(), f"{about}\n{made_by} from docs/law/names.yaml.")
    for name, form in read(HERE / "sets.yaml").items():
        research = Research(read(folder / f"{form.get('from', name)}.yaml"))
        comment = f"{form['comment']}\n{made_by} from the research; edit docs/law/sets.yaml, not this file."
        write(data / "rulesets" / f"{name}.yaml", RuleSetMaker(name, form, research, names).make(), comment)


def read(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def write(path: Path, content: dict[str, Any], comment: str) -> None:
    """Write a YAML file under a comment."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    path.write_text(head + write_yaml(content), encoding="utf-8", newline="\n")


class RuleSetMaker:
    """Makes the content of one file."""

    def __init__(self, name: str, form: dict[str, Any], research: Research, names: Names) -> None:
        self.name, self.form, self.research, self.names = name, form, research, names
        self.standard, self.unit = form.get("from", name), form["unit"]

    def make(self) -> dict[str, Any]:
        """Return the whole file."""
        form = self.form
        made: dict[str, Any] = {"id": self.name}
        made |= {key: form[key] for key in ("kind", "family", "part_of", "worst_first") if key in form}
        made |= {"label": form["label"], "unit": form["unit"], "source": self.source(), "in_force": self.in_force()}
        made |= {
            key: form[key] for key in ("transition", "columns", "worst_first", "aggregates", "note") if form.get(key)
        }
        made |= self.group_override()
        made |= self.rules()
        facts = [*self.facts(), *self.classes(), *self.deprivations()]
        return made | ({"facts": facts} if facts else {})

    def source(self) -> dict[str, Any]:
        """Return the document, its date and where it was read."""
        document = self.research.data["document"]
        given = dict(self.form.get("document") or {"document": document["number"]})
        if "article" in self.form:
            given["article"] = self.form["article"]
        amended = document.get("amended_by")
        if amended and "document" not in self.form:
            given["amended_by"] = ", ".join(str(each).split(" (")[0] for each in amended)
            days = re.findall(r"\((\d{4}-\d{2}-\d{2})\)", " ".join(map(str, amended)))
            if len(days) == 1 == len(amended):
                given["amended_on"] = date.fromisoformat(days[0])
        day = given.pop("date", None) or document["date"]
        if day and " " not in str(day):
            given["date"] = date.fromisoformat(str(day))
        urls = document["evidence"].get("sources") or document.get("list_evidence", {}).get("sources", [])
        return given | ({"urls": urls} if urls else {})

    def in_force(self) -> dict[str, Any]:
        """Return the days on which it holds."""
        start = self.form.get("start") or date.fromisoformat(self.research.data["valid_from"])
        end = self.research.data["valid_to"]
        return {"start": start, "end": end and date.fromisoformat(end)}

    def group_override(self) -> dict[str, Any]:
        """Return who reads another group's column."""
        if "group_override" not in self.form:
            return {}
        given = dict(self.form["group_override"])
        given["evidence"] = evidence_of(self.research.at(given["evidence"]))
        return {"group_override": given}

    def rules(self) -> dict[str, Any]:
        """Return what decides: definitions, criteria, outcomes or a verdict."""
        if self.form.get("kind") == "definitions":
            return {"definitions": self.definitions()}
        if "criteria" in self.form:
            return quiet(self.scope() | {"criteria": self.criteria(**self.form["criteria"])})
        if "rows" in self.form:
            return quiet({"verdict": {"all": self.assessed_rows()}})
        if "variant" in self.form:
            return quiet({"verdict": {"all": self.variant()}})
        if "outcomes" in self.form:
            return quiet(self.scope() | {"outcomes": [self.outcome(**each) for each in self.form["outcomes"]]})
        return quiet(self.scope() | {"verdict": self.verdict(**self.form["verdict"])})

    def scope(self) -> dict[str, Any]:
        """Return whom the set reaches, where the research says it."""
        if "scope" not in self.form:
            return {}
        given = self.form["scope"]
        added = "add" in given
        node = dict(given["add"]) if added else self.tree(self.research.at(given["node"]), given["ids"])
        node |= {"article": given["article"]} if "article" in given else {}
        return {"scope": node | {"evidence": evidence_of(self.research.at(given["evidence"]))}}

    def verdict(self, rule: str = "", add: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Return the rule of a yes/no set."""
        if add is not None:
            return add
        return self.tree(self.research.data["rules"][rule], options.pop("ids", ()), **options)

    def outcome(self, **given: Any) -> dict[str, Any]:
        """Return one outcome with its condition."""
        made = {"id": given["id"], "label": given.get("label"), "value": given["value"]}
        made |= {"spellings": given["spellings"]} if "spellings" in given else {}
        if given.get("otherwise"):
            return made | {"otherwise": True}
        place = f"rules.{given['rule']}" if "rule" in given else f"groups.{given['group']}"
        raw = self.research.at(place)
        if made["label"] is None:
            made["label"] = {"vi": raw["name_vi"], "en": raw["name_en"]}
        if "evidence" in raw:
            made["evidence"] = evidence_of(raw["evidence"], raw.get("note", ""))
        if raw.get("otherwise"):
            return made | {"otherwise": True}
        if "reference" in given:
            return made | {"when": given["reference"]}
        rule = {key: raw[key] for key in raw if key not in ("evidence", "note")}
        return made | {"when": self.tree(rule, given["ids"], codes=given.get("codes"))}

    def tree(self, raw: dict[str, Any], ids: Any, **options: Any) -> dict[str, Any]:
        """Turn one rule of the research into ours; the ids are those of its leaves, in order, and must all be used."""
        left = iter(ids)
        node = self.node(raw, left, {key: value or {} for key, value in options.items()})
        if unused := list(left):
            raise SystemExit(f"{self.name}: ids without a leaf: {unused}")
        return node

    def node(self, raw: dict[str, Any], ids: Iterator[str], options: dict[str, Any]) -> dict[str, Any]:
        """Turn one node of the research's rule into ours."""
        if "ref" in raw:
            return dict(options["refs"][raw["ref"]])
        own = {"evidence": evidence_of(raw["evidence"])} if "evidence" in raw else {}
        for kind in ("all", "any"):
            if kind in raw:
                parts = [part for part in raw[kind] if not self.said_already(part)]
                inner = [self.node(part, ids, options) for part in parts]
                return own | inner[0] if len(inner) == 1 and kind == "all" else own | {kind: inner}
        if "at_least" in raw and "of" in raw:
            need = self.need(raw["at_least"], ids, options)
            return own | {"count_of": {"need": need, "of": [self.node(part, ids, options) for part in raw["of"]]}}
        assessed = options.get("assessed", {})
        if raw["indicator"] in assessed:
            return {"id": raw["indicator"], "assessed": True, "label": assessed[raw["indicator"]]} | own
        name = next(ids)
        code, national = (options.get(key, {}).get(name) for key in ("codes", "national"))
        return {"id": name, **({"code": code} if code else {})} | self.names.test(raw, self.standard, national) | own

    def said_already(self, part: dict[str, Any]) -> bool:
        """Say whether the order of our file says a reference: to the scope, or to a rule that was tried before."""
        return part.get("ref", "").startswith("scope.") or "not" in part

    def need(self, need: Any, ids: Iterator[str], options: dict[str, Any]) -> Any:
        """Return how many parts are needed, and where another number is."""
        if not isinstance(need, dict):
            return need
        cases = [{"if": self.node(case["if"], ids, options), "then": case["then"]} for case in need["when"]]
        return {"default": need["default"], "when": cases}

    # -- the numbered criteria of a scored set

    def criteria(self, **form: Any) -> list[dict[str, Any]]:
        """Return the numbered criteria of a scored set."""
        rows = self.research.data["criteria"]
        if form.get("single"):
            return [
                {"number": row["code"], "label": label(row), "size": 1, "of": [self.row(row, form)]} for row in rows
            ]
        if form.get("by_year"):
            years = dict.fromkeys(row["code"].split(".")[0] for row in rows)
            listed = [{"no": year} for year in years]
        else:
            listed = self.research.data.get("criteria_list") or [{"no": str(n)} for n in range(1, form["count"] + 1)]
        made = []
        for entry in listed:
            mine = [row for row in rows if row["code"].split(".")[0].rstrip("abc") == entry["no"]]
            made.append(self.criterion(entry, mine, form))
        if (
            used := sum(row["code"].split(".")[0].rstrip("abc") in {each["no"] for each in listed} for row in rows)
        ) < len(rows):
            raise SystemExit(f"{self.name}: {len(rows) - used} rows belong to no criterion")
        return made

    def criterion(self, entry: dict[str, Any], rows: list[dict[str, Any]], form: dict[str, Any]) -> dict[str, Any]:
        """Return one criterion with the rows that were read."""
        no = entry["no"]
        titles = (
            {"vi": entry["name_vi"], "en": entry["name_en"]}
            if "name_vi" in entry
            else {lang: form.get("name", CRITERION)[lang].format(no=no) for lang in ("vi", "en")}
        )
        counted = dict.fromkeys(indicator_of(row["code"]) for row in rows)
        made: dict[str, Any] = {"number": no, "label": titles}
        # Where the research does not count the indicators of a criterion, neither do we.
        size = len(counted) if form.get("by_year") else entry.get("indicators_per_criterion")
        made |= {"size": size} if size else {}
        parts = [self.row(row, form) for row in rows]
        if form.get("open") and rows and no not in counted:
            text = {lang: REST[lang].format(no=no) for lang in ("vi", "en")}
            parts.append({"id": f"{no}-rest", "assessed": True, "label": text, "evidence": {"status": "unknown"}})
        return made | ({"of": parts} if parts else {})

    def row(self, row: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        """Turn one numbered row into a leaf."""
        code = row["code"]
        made: dict[str, Any] = {"id": code, "code": code}
        if indicator_of(code) != code:
            made["of_indicator"] = indicator_of(code)
        made["label"] = form.get("labels", {}).get(code) or label(row)
        if code in form.get("references", {}):
            made |= form["references"][code]
        elif form.get("assessed"):
            made["assessed"] = True
        else:
            made |= self.names.test(row, self.standard)
        if "applies_when" in row:
            made["applies_when"] = {"id": f"{code}-applies"} | self.names.test(row["applies_when"], self.standard)
        return made | {"evidence": evidence_of(row["evidence"], row.get("note", ""))}

    def assessed_rows(self) -> list[dict[str, Any]]:
        """Return rows of which only the name is known."""
        made = []
        for name, row in zip(self.form["rows"], self.research.data["criteria"], strict=True):
            by = {"set_by": "province"} if isinstance(row["threshold"], dict) and "set_by" in row["threshold"] else {}
            known = {"label": label(row), "evidence": evidence_of(row["evidence"], row.get("note", ""))}
            made.append({"id": name, "code": row["code"], "assessed": True, **by, **known})
        return made

    def variant(self) -> list[dict[str, Any]]:
        """Return the rows of an amendment; they are not counted among those of the main set, so they bear no code."""
        rows = self.research.data["variants"][self.form["variant"]]["criteria"]
        made = [self.row(row, {}) for row in rows]
        for leaf in made:
            leaf.pop("code")
        return [*made, {"id": "rest", "assessed": True, "label": OTHERS, "evidence": {"status": "unknown"}}]

    # -- what is carried and not tested

    def definitions(self) -> list[dict[str, Any]]:
        """Return rows without a pass mark."""
        made = []
        for row in self.research.data["criteria"]:
            column = self.names.indicators.get(row["indicator"])
            known = {"indicator": column} if column and self.unit == "commune" else {}
            text = self.form["text"][row["code"]]
            evidence = evidence_of(row["evidence"])
            made.append({"code": row["code"], "label": label(row), **known, "text": text, "evidence": evidence})
        return made

    def facts(self) -> Iterator[dict[str, Any]]:
        """Yield the numbers and terms that no test compares with."""
        for given in self.form.get("facts", ()):
            found, near = self.research.at(given["at"]), self.research.evidence_near(given["at"])
            value, note = (found["value"], found.get("note", "")) if isinstance(found, dict) else (found, "")
            made = {"key": given.get("key") or given["at"].split(".")[-1], "label": given["label"], "value": value}
            made |= {"unit": given["unit"]} if "unit" in given else {}
            evidence = self.research.at(given["evidence"]) if "evidence" in given else near
            yield made | {"evidence": evidence_of(evidence, note)}

    def classes(self) -> Iterator[dict[str, Any]]:
        """Yield the sizes of the design classes of roads."""
        if "classes" not in self.form:
            return
        for each in self.research.at(self.form["classes"]["at"]):
            for key, words in self.form["classes"]["fields"].items():
                if key in each:
                    texts = {lang: words[lang].format(name=each["class"]) for lang in ("vi", "en")}
                    made = {"key": f"class_{each['class'].lower()}_{key}", "label": texts, "value": each[key]}
                    evidence = evidence_of(each["evidence"], each.get("note", ""))
                    yield made | {"unit": words["unit"], "evidence": evidence}

    def deprivations(self) -> Iterator[dict[str, Any]]:
        """Yield the indicators of a poverty standard: names that were seen; rules as far as known, never a draft's."""
        if "deprivations" not in self.form:
            return
        for each in self.research.data["indicators"]:
            evidence = each["evidence"]
            if evidence["status"] == "unknown":
                continue
            key = f"deprivation_{each['no']}"
            seen = evidence_of(evidence)
            if "name" in evidence.get("verified_for", ""):
                seen = {"status": "verified", "sources": evidence["sources"], "note": "verified for: name"}
            yield {"key": key, "label": label(each), "value": each["dimension"], "evidence": seen}
            if self.form["deprivations"] == "rules":
                rule = each["deprivation_rule"]
                texts = {"vi": self.form["rules_vi"][each["no"]], "en": rule[0].upper() + rule[1:]}
                known = {"status": evidence["status"], "confidence": evidence["confidence"], "note": evidence["note"]}
                yield {"key": f"{key}_rule", "label": texts, "value": key, "evidence": known}


def indicator_of(code: str) -> str:
    """Name the counted indicator of a row: 17.1a and 17.1b are one, 5a to 5c are one."""
    return code.rstrip("abcde")


def label(row: dict[str, Any]) -> dict[str, str]:
    """Return the name of a row in both languages."""
    return {"vi": row["name_vi"], "en": row["name_en"]}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python docs/law/build_rulesets.py FOLDER")
    main(Path(sys.argv[1]))
