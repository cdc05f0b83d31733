"""Fixtures for the whole suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from browser import chromium, tab
from firefox import fox
from office import office, pdf_text

__all__ = ["chromium", "fox", "office", "own_cache", "pdf_text", "shared_data", "tab"]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what runs measure out of the user's cache, and the user's cache out of the tests."""
    os.environ["GEONTM_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the reference data, or skip: it is there for developers and CI, never for users."""
    named = os.environ.get("GEONTM_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data" / "communes_2025.parquet").exists():
        pytest.skip("the reference data is not beside this checkout (set GEONTM_SHARED to its folder)")
    return folder
