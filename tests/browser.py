"""A real browser for page tests: Chromium over its own debugging protocol, with the network cut.

``GEONTM_BROWSER_SLOW=6`` slows every page down six times, as an old office PC would: a test that fails then has not
waited for what it reads.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = ("data:", "blob:", "about:", "chrome-extension:")
_SLOWER = float(os.environ.get("GEONTM_BROWSER_SLOW") or 1)
# Nothing fades, pans, zooms or waits to be drawn any more.
_SETTLED = """!document.getAnimations().length && !(window.geontm?.map?._animatingZoom)
  && !(window.geontm?.map?._panAnim?._inProgress)"""


class Tab:
    """One page: what it asked for, what it said on the console, and a way to ask it things."""

    def __init__(self, address: str) -> None:
        import websocket

        self.socket = websocket.create_connection(address, timeout=180, suppress_origin=True)
        self.number = 0
        self.requests: list[str] = []
        self.messages: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.send("Network.emulateNetworkConditions", **offline)

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        answer = self._ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                return answer
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if not url.startswith(_QUIET):
                self.requests.append(url)
        elif event.get("method") == "Runtime.consoleAPICalled":
            self.messages.append(json.dumps(params["args"]))
        elif event.get("method") == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(params["exceptionDetails"]))
        elif event.get("method") == "Log.entryAdded":
            self.messages.append(params["entry"]["text"])

    def run(self, expression: str) -> Any:
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def open(
        self, path: Path, *, width: int = 1366, height: int = 768, ready: str = "window.geontm?.readyAt", link: str = ""
    ) -> None:
        """Open a file afresh (``link``: what stands behind its name, as ``#l=…``) and wait until it is ready."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.send("Emulation.setDeviceMetricsOverride", **size)
        self.send("Page.navigate", url="about:blank")  # else only the part behind # would change
        self.wait_for("location.href === 'about:blank'")
        if _SLOWER > 1:
            self.send("Emulation.setCPUThrottlingRate", rate=_SLOWER)
        self.requests.clear()
        self.messages.clear()
        self.send("Page.navigate", url=path.resolve().as_uri() + link)
        self.wait_for(f"location.href !== 'about:blank' && ({ready})")

    def wait_for(self, expression: str, seconds: float = 90) -> None:
        """Wait until something is true. The time is for what will never be true: no machine is too slow for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self._ask("Runtime.evaluate", expression=f"Boolean({expression})", awaitPromise=True)
            found = answer.get("result", {})
            assert "exceptionDetails" not in found, found["exceptionDetails"]
            if found.get("result", {}).get("value"):  # a page that is being left gives an error instead
                return
            time.sleep(0.05)
        raise AssertionError(f"not true within {seconds} s: {expression}; console: {self.messages}")

    def settle(self) -> None:
        """Wait until nothing on the page moves or fades any more."""
        self.wait_for(_SETTLED)

    def click(self, x: float, y: float) -> None:
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def move(self, x: float, y: float) -> None:
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, key: str, code: int = 0) -> None:
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


def chromium_program() -> str | None:
    """Find Chromium on this machine."""
    return os.environ.get("GEONTM_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@contextlib.contextmanager
def browser(program: str, profile: Path) -> Iterator[str]:
    """Start Chromium with an empty profile; give the address of its debugging port."""
    options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
    ports = (f"--user-data-dir={profile}", "--remote-debugging-port=0", "--remote-allow-origins=*")
    process = subprocess.Popen(
        [program, *options, *ports, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        port_file, end = profile / "DevToolsActivePort", time.monotonic() + 120
        while not (port_file.exists() and port_file.read_text().count("\n")) and time.monotonic() < end:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text().splitlines()[0]}"
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def new_tab(address: str) -> Iterator[Tab]:
    """Open a fresh tab with the network cut."""
    request = urllib.request.Request(f"{address}/json/new?about:blank", method="PUT")
    with urllib.request.urlopen(request) as answer:
        about = json.load(answer)
    page = Tab(about["webSocketDebuggerUrl"])
    try:
        yield page
    finally:
        page.socket.close()
        urllib.request.urlopen(f"{address}/json/close/{about['id']}").close()


@contextlib.contextmanager
def inside_cell(address: str, seconds: float = 90) -> Iterator[Tab]:
    """Look into the cell of a notebook: without an origin of its own, it is a target beside the page it stands on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with urllib.request.urlopen(f"{address}/json/list") as answer:
            cells = [each for each in json.load(answer) if each["type"] == "iframe" and each["url"] == "about:srcdoc"]
        if cells:
            cell = Tab(cells[0]["webSocketDebuggerUrl"])
            try:
                cell.wait_for("window.geontm?.readyAt")
                yield cell
            finally:
                cell.socket.close()
            return
        time.sleep(0.05)
    raise AssertionError(f"no cell within {seconds} s")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Chromium once; give the address of its debugging port."""
    required = bool(os.environ.get("GEONTM_REQUIRE_BROWSER"))
    if not required:
        pytest.importorskip("websocket", reason="websocket-client is not installed")
    program = chromium_program()
    if program is None and required:
        pytest.fail("GEONTM_REQUIRE_BROWSER is set, and Chromium is not on this machine")
    if program is None:
        pytest.skip("Chromium is not on this machine (set GEONTM_CHROMIUM to its path)")
    with browser(program, tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
def tab(chromium: str) -> Iterator[Tab]:
    """Open a fresh tab with the network cut."""
    with new_tab(chromium) as page:
        yield page
