"""The shipped templates are what the committed script builds."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "docs" / "build_word_template.py"


@pytest.mark.skipif(not SCRIPT.is_file(), reason="the script is part of the checkout, not of the package")
def test_the_script_builds_the_shipped_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = runpy.run_path(str(SCRIPT))
    monkeypatch.setitem(built["main"].__globals__, "TARGET", tmp_path)
    built["main"]()
    shipped = ROOT / "src" / "geontm" / "publish" / "words" / "templates"
    names = sorted(path.name for path in shipped.glob("*.docx"))
    assert names == ["annex.en.docx", "annex.vi.docx", "report.en.docx", "report.vi.docx"]
    for name in names:
        assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes(), f"run {SCRIPT.name}"
