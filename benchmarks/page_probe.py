"""Opens a page in Chromium with the network cut, and measures what its reader waits for."""

from __future__ import annotations

import contextlib
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser import Tab, browser, chromium_program, new_tab

__all__ = ["browser", "chromium_program", "measure", "open_page"]

OPENED = 5
OLD_PC = 6  # times slower
ZOOMS = [6, 7, 8, 9, 10, 11, 10, 9, 8, 7, 6]
PLACE = [20.9, 106.4]

# Of a page that does not tell when it is drawn: the second frame after its scripts have run.
_DRAWN = """
window.__map = null;
addEventListener('DOMContentLoaded', () => {
  window.__map = Object.keys(window).filter((key) => /^map_/.test(key)).map((key) => window[key])
    .find((each) => each && each.setView);
  requestAnimationFrame(() => requestAnimationFrame(() => { window.__drawn = performance.now(); }));
});
"""
_PAINTED = """
const painted = () => new Promise((done) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now());
  channel.port2.postMessage(0);
}));
const timed = async (work) => {
  await painted();
  const start = performance.now();
  work();
  return (await painted()) - start;
};
"""
_STEP = """(async () => { %s
  const map = window.geontm?.map || window.__map;
  return await timed(() => { %s; });
})()"""
_ZOOM = "map.setView(%s, %s, { animate: false })"
_SWITCH = "geontm.page.set({ layer: %s })"
_HOVER = """(() => {
  const { coverage } = geontm.page.ground, box = geontm.page.head.bounds, found = [];
  let seed = 7, hits = 0;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let k = 0; k < 500; k++) {
    const at = L.latLng(box[1] + random() * (box[3] - box[1]), box[0] + random() * (box[2] - box[0]));
    const start = performance.now();
    for (let n = 0; n < 10; n++) hits += coverage.at(at, 0) !== null ? 1 : 0;
    found.push((performance.now() - start) / 10);
  }
  if (!hits) throw Error('no point hit a unit');
  return found;
})()"""
_SEARCH = """(() => {
  const input = document.querySelector('.gt-panel input[type=search]'), found = [];
  for (const word of ['quang', 'hoanh mo', 'xa', 'truong sa']) {
    for (let k = 1; k <= word.length; k++) {
      input.value = word.slice(0, k);
      const start = performance.now();
      input.dispatchEvent(new Event('input', { bubbles: true }));
      found.push(performance.now() - start);
    }
  }
  input.value = '';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  return found;
})()"""


@contextlib.contextmanager
def open_page(address: str, path: Path, *, slower: float = 1, before: str = "") -> Iterator[tuple[Tab, float]]:
    """Open a page in a fresh tab; give the tab and the milliseconds from navigation until the map was painted."""
    with new_tab(address) as tab:
        tab.send("Page.addScriptToEvaluateOnNewDocument", source=_DRAWN + before)
        tab.send("Performance.enable", timeDomain="threadTicks")
        if slower > 1:
            tab.send("Emulation.setCPUThrottlingRate", rate=slower)
        tab.open(path, ready="window.geontm?.readyAt || window.__drawn && !window.geontm")
        yield tab, tab.run("window.geontm?.readyAt || window.__drawn")


def measure(address: str, path: Path, *, ours: bool = True) -> dict[str, Any]:
    """Return what a page asks of the browser: milliseconds, megabytes, requests, messages on the console.

    Parameters
    ----------
    address : str
        Of the browser's debugging port.
    path : Path
        The page.
    ours : bool
        Also what only our page has: switch, pointing, search, the old PC, a browser without ``DecompressionStream``.
    """
    ready, busy, heap, told, asked = [], [], [], [], []
    for _ in range(OPENED):
        with open_page(address, path) as (tab, at):
            ready.append(at)
            busy.append(_busy_ms(tab))
            tab.send("HeapProfiler.collectGarbage")
            used = tab.send("Runtime.getHeapUsage")
            heap.append((used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6)  # typed arrays stand beside it
            told += tab.messages
            asked += [url for url in tab.requests if not url.startswith("file:")]
    with open_page(address, path) as (tab, _):
        if not tab.run("Boolean(window.geontm?.map || window.__map)"):
            return {"map": "none", **_said(told, asked)}
        zooms = [_timed(tab, _ZOOM % (PLACE, zoom)) for zoom in ZOOMS][1:]
        found = {
            "ready_ms": round(statistics.median(ready)),
            "ready_ms_all": [round(each) for each in ready],
            "ready_cpu_ms": round(statistics.median(busy)),
            "zoom_worst_ms": round(max(wall for wall, _ in zooms)),
            "zoom_worst_cpu_ms": round(max(cpu for _, cpu in zooms)),
            "zoom_cpu_ms_all": [round(cpu) for _, cpu in zooms],
            "heap_mb": round(statistics.median(heap), 1),
        }
        if ours:
            _timed(tab, _ZOOM % ([16, 107], 6))
            many = tab.run("geontm.page.head.layers.length")
            switches = [_timed(tab, _SWITCH % ((k + 1) % many)) for k in range(2 * many)]
            hover, search = tab.run(_HOVER), tab.run(_SEARCH)
            found |= {
                "switch_worst_ms": round(max(wall for wall, _ in switches)),
                "switch_worst_cpu_ms": round(max(cpu for _, cpu in switches)),
                "hover_mean_ms": round(statistics.mean(hover), 3),
                "hover_worst_ms": round(max(hover), 2),
                "search_mean_ms": round(statistics.mean(search), 1),
                "search_worst_ms": round(max(search), 1),
            }
            told += tab.messages
    if ours:
        with open_page(address, path, slower=OLD_PC) as (_, at):
            found["ready_6x_ms"] = round(at)
        with open_page(address, path, before="delete window.DecompressionStream;") as (tab, at):
            assert tab.run("typeof DecompressionStream") == "undefined"
            found["ready_without_gunzip_ms"] = round(at)
            told += tab.messages
    return {**found, **_said(told, asked)}


def _timed(tab: Tab, work: str) -> tuple[float, float]:
    """Return the milliseconds of some work until its frame is painted: by the clock, and of the page's processor."""
    before = _busy_ms(tab)
    wall = tab.run(_STEP % (_PAINTED, work))
    return wall, _busy_ms(tab) - before


def _busy_ms(tab: Tab) -> float:
    """Return for how long the page's main thread has run on a processor."""
    found = {each["name"]: each["value"] for each in tab.send("Performance.getMetrics")["metrics"]}
    return 1_000 * found["TaskDuration"]


def _said(told: list[str], asked: list[str]) -> dict[str, Any]:
    return {"console": len(told), "console_first": [text[:160] for text in told[:2]], "requests": len(set(asked))}
