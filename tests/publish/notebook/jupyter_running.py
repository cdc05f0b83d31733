"""Real Jupyter servers of one user, shut off: own folders, own token, this machine's loopback only."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.sign import NotebookNotary

from browser import Tab

_QUIET = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.terminals_enabled=False",
          "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="]  # fmt: skip
_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """A server at work.

    Attributes
    ----------
    address : str
        ``http://127.0.0.1:PORT``.
    token : str
    folder : Path
        Where its notebooks are.
    """

    address: str
    token: str
    folder: Path


def program(name: str) -> str:
    """Find ``jupyter-lab``, ``jupyter-notebook`` or ``jupyter-nbclassic``; else skip, or fail where it is required."""
    places = [os.environ.get("GEONTM_JUPYTER", ""), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    found = next(filter(None, (shutil.which(name, path=place) for place in places if place)), None)
    if found is None and os.environ.get("GEONTM_REQUIRE_BROWSER"):
        pytest.fail(f"GEONTM_REQUIRE_BROWSER is set, and {name} is not there (set GEONTM_JUPYTER to its folder)")
    if found is None:
        pytest.skip(f"{name} is not there (set GEONTM_JUPYTER to its folder)")
    return found


@contextlib.contextmanager
def serve(name: str, folder: Path) -> Iterator[Server]:
    """Start a server on a free port; its kernel is the Python of these tests."""
    for part in ("home", "data", "config", "runtime", "work"):
        (folder / part).mkdir()
    set_up(folder, "notification", fetchNews="false", checkForUpdates=False)
    kernel = folder / "data" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": start, "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    token = secrets.token_hex(16)
    options = [*_QUIET, "--port=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder / 'work'}"]
    if name != "jupyter-nbclassic":
        options.append("--expose-app-in-browser")
    log = folder / "server.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [program(name), *options], stdout=told, stderr=told, env=_environment(folder), cwd=folder / "work"
        )
    try:
        yield Server(_address(process, folder, log), token, folder / "work")
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def set_up(folder: Path, plugin: str, **settings: Any) -> None:
    """Choose settings of JupyterLab and Notebook, as their settings editor writes them."""
    place = folder / "config" / "lab" / "@jupyterlab" / "apputils-extension"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings), encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    own = {"HOME": "home", "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
           "JUPYTERLAB_SETTINGS_DIR": "config/lab", "JUPYTERLAB_WORKSPACES_DIR": "data/workspaces",
           "IPYTHONDIR": "home/ipython"}  # fmt: skip
    paths = {key: str(folder / part) for key, part in own.items()}
    # Jupyter's own environment may have a kernel of the same name, without geontm.
    return {**os.environ, **paths, "JUPYTER_NO_CONFIG": "1", "JUPYTER_PREFER_ENV_PATH": "0"}


def _address(process: subprocess.Popen[bytes], folder: Path, log: Path) -> str:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        for path in (folder / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError, KeyError):
                found = json.loads(path.read_text(encoding="utf-8"))
                address = f"http://127.0.0.1:{found['port']}"
                urllib.request.urlopen(f"{address}/api/status?token={found['token']}", timeout=10).close()
                return address
        time.sleep(0.1)
    raise AssertionError(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


def executed(cells: list[str], path: Path) -> nbformat.NotebookNode:
    """Run cells in a kernel and return the notebook with its outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path)}}).execute()
    return notebook


def put(server: Server, name: str, notebook: nbformat.NotebookNode, *, trusted: bool) -> None:
    """Lay a notebook into the server's folder: signed as the user's own, or as it came by mail."""
    nbformat.write(notebook, server.folder / name)
    if trusted:
        notary = NotebookNotary(data_dir=str(server.folder.parent / "data"))
        try:
            notary.sign(nbformat.read(server.folder / name, as_version=4))
        finally:
            notary.store.close()


def go(tab: Tab, url: str) -> None:
    """Open a page of the server in a tab that the tests keep from the network otherwise."""
    online = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    tab.send("Network.emulateNetworkConditions", **online)
    tab.send("Emulation.setDeviceMetricsOverride", width=1366, height=900, deviceScaleFactor=1, mobile=False)
    tab.requests.clear()
    tab.messages.clear()
    tab.send("Page.navigate", url=url)


@contextlib.contextmanager
def inside(chromium: str, title: str, seconds: float = _SECONDS) -> Iterator[Tab]:
    """Look into the frame of a map: it has no origin, so the browser keeps it as a target of its own."""
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{chromium}/json/list") as answer:
            targets: list[dict[str, Any]] = json.load(answer)
        seen = [(each["type"], each["url"][:60]) for each in targets]
        for each in targets:
            if each["type"] != "iframe" or each["url"] != "about:srcdoc":
                continue
            frame = Tab(each["webSocketDebuggerUrl"])
            try:
                if title in frame.run("document.title"):
                    frame.wait_for("window.geontm?.readyAt", seconds)
                    yield frame
                    return
            finally:
                frame.socket.close()
        time.sleep(0.1)
    raise AssertionError(f"no frame {title!r} within {seconds} s: {seen}")
