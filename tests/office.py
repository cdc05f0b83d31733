"""LibreOffice and poppler for tests of documents: what an office would see."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None and os.environ.get("GEONTM_REQUIRE_OFFICE"):
        pytest.fail(f"GEONTM_REQUIRE_OFFICE is set, and {name} is not on this machine")
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path, str], Path]]:
    """Give a function that opens a document in LibreOffice and saves it as another kind: ``office(path, "pdf")``."""
    program, profile = _program("soffice"), tmp_path_factory.mktemp("office")

    def convert(path: Path, kind: str) -> Path:
        folder = tmp_path_factory.mktemp("converted")
        options = [f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind]
        subprocess.run([program, *options, "--outdir", str(folder), str(path)], check=True, capture_output=True,
                       timeout=180)  # fmt: skip
        (made,) = folder.iterdir()
        return made

    yield convert


@pytest.fixture(scope="session")
def pdf_text() -> Callable[[Path], str]:
    """Give a function that returns the text of a PDF, as a search would find it."""
    program = _program("pdftotext")

    def read(path: Path) -> str:
        return subprocess.run([program, "-layout", str(path), "-"], check=True, capture_output=True).stdout.decode()

    return read
