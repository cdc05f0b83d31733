"""Firefox for page tests, over WebDriver BiDi, with the network cut."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("firefox-esr", "firefox")
_QUIET = ("data:", "blob:", "about:", "file:", "resource:", "chrome:", "moz-extension:")
# Nothing answers behind this proxy, and Firefox's own errands are off.
_PREFERENCES = """
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("remote.active-protocols", 1);
"""


class FoxTab:
    """One page in Firefox: what it asked for, what it said on the console, and a way to ask it things."""

    def __init__(self, address: str) -> None:
        import websocket

        self.socket = websocket.create_connection(f"{address}/session", timeout=180, suppress_origin=True)
        self.number = 0
        self.requests: list[str] = []
        self.messages: list[str] = []
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self.context = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.number:
                assert answer.get("type") != "error", answer
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "network.beforeRequestSent":
            url = event["params"]["request"]["url"]
            if not url.startswith(_QUIET):
                self.requests.append(url)
        elif event.get("method") == "log.entryAdded":
            self.messages.append(str(event["params"].get("text")))

    def run(self, expression: str) -> Any:
        target = {"context": self.context}
        answer = self.send("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return _plain(answer["result"])

    def open(self, path: Path, *, ready: str = "window.geontm?.readyAt") -> None:
        self.send("browsingContext.setViewport", context=self.context, viewport={"width": 1366, "height": 768})
        self.send("browsingContext.navigate", context=self.context, url=path.resolve().as_uri(), wait="complete")
        self.wait_for(ready)

    def wait_for(self, expression: str, seconds: float = 120) -> None:
        """Wait until something is true. The time is for what will never be true: no machine is too slow for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(f"Boolean({expression})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"not true within {seconds} s: {expression}; console: {self.messages}")


def _plain(value: dict[str, Any]) -> Any:
    """Turn BiDi's remote value into a plain one."""
    if value["type"] == "array":
        return [_plain(each) for each in value.get("value", [])]
    if value["type"] == "object":
        return {key: _plain(each) for key, each in value.get("value", [])}
    return value.get("value")


@pytest.fixture
def fox(tmp_path: Path) -> Iterator[FoxTab]:
    """Start Firefox with a fresh profile and the network cut."""
    required = bool(os.environ.get("GEONTM_REQUIRE_BROWSER"))
    if not required:
        pytest.importorskip("websocket", reason="websocket-client is not installed")
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None and required:
        pytest.fail("GEONTM_REQUIRE_BROWSER is set, and Firefox is not on this machine")
    if program is None:
        pytest.skip("Firefox is not on this machine")
    profile, log = tmp_path / "profile", tmp_path / "firefox.log"
    profile.mkdir()
    (profile / "user.js").write_text(_PREFERENCES)
    home = {**os.environ, "HOME": str(tmp_path), "MOZ_HEADLESS": "1"}
    with log.open("wb") as said:
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        process = subprocess.Popen(command, stdout=said, stderr=said, env=home)
    try:
        end, address = time.monotonic() + 120, None
        while address is None and time.monotonic() < end:
            address = re.search(r"ws://127\.0\.0\.1:\d+", log.read_text(errors="replace"))
            time.sleep(0.1)
        assert address is not None, log.read_text(errors="replace")
        page = FoxTab(address[0])
        yield page
        page.socket.close()
    finally:
        process.terminate()
        process.wait(30)
