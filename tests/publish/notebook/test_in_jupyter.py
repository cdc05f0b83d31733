"""Maps in the cells of JupyterLab, Notebook 7 and the classic notebook: real servers, kernels and pages."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from jupyter_running import Server, executed, go, inside, program, put, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]
pytest.importorskip("nbclient", reason="nbclient is not installed")

IMPORTS = "import geopandas as gpd, pandas as pd, shapely, geontm"
SQUARES = """squares = gpd.GeoDataFrame(
    {"commune_name": ["Xã Một", "Xã Hai", "Xã Ba"], "poor_household_pct": [12.5, 40.0, None]},
    geometry=[shapely.box(106 + k * 0.1, 22, 106.1 + k * 0.1, 22.1) for k in range(3)], crs=4326)
geontm.explore(squares, "poor_household_pct", title="Thử trong ô", illustrative=True, lang="vi")"""
TABLE = 'geontm.styled(squares, title="Bảng thử", lang="vi")'
CELLS = [IMPORTS, SQUARES, TABLE]
TITLE = "Thử trong ô"
FRAME = "document.querySelector('iframe[sandbox]')"
OPEN = "[...(window.jupyterapp?.shell?.widgets('main') || [])].find((each) => each.context)"
IDLE = f"{OPEN}?.context.sessionContext.session?.kernel?.status === 'idle'"
RUN_ALL = f"(jupyterapp.shell.activateById({OPEN}.id), jupyterapp.commands.execute('notebook:run-all-cells'))"
# How a notebook is opened, when it can be run, how it is run.
APPS = {
    "jupyter-lab": ("lab/tree", IDLE, RUN_ALL),
    "jupyter-notebook": ("notebooks", IDLE, RUN_ALL),
    "jupyter-nbclassic": ("nbclassic/notebooks", "window.Jupyter?.notebook?.kernel?.is_connected()",
                          "Jupyter.notebook.execute_all_cells()"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook with its outputs, run once in a kernel."""
    return executed(CELLS, tmp_path_factory.mktemp("ran"))


@pytest.fixture(scope="module", params=list(APPS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Server]]:
    program(request.param)
    with serve(request.param, tmp_path_factory.mktemp(request.param)) as started:
        yield request.param, started


def url(server: tuple[str, Server], name: str) -> str:
    app, started = server
    return f"{started.address}/{APPS[app][0]}/{name}?reset&token={started.token}"


def only_this_machine(tab, server) -> None:
    away = [
        each
        for each in tab.requests
        if not each.startswith((server[1].address, server[1].address.replace("http", "ws")))
    ]
    assert away == []


def painted(tab, chromium, server) -> None:
    """The map stands in the cell: painted, high enough to use, silent, asking for nothing."""
    with inside(chromium, TITLE) as frame:
        assert frame.run("geontm.page.count") == 3
        assert frame.run("innerHeight") >= 400
        canvas = "document.querySelector('.gt-canvas').getContext('2d').getImageData(0, 0, 2000, 2000).data"
        assert frame.run(f"{canvas}.some((value) => value > 0)")
        assert frame.run("self.origin") == "null"
        assert frame.run("performance.getEntriesByType('resource').length") == 0
        assert frame.messages == []
        assert frame.requests == []
    box = tab.run(f"(({{ width, height }}) => [width, height])({FRAME}.getBoundingClientRect())")
    assert box[0] >= 500
    assert box[1] >= 400
    assert [each for each in tab.messages if "srcdoc" in each or "geontm" in each] == []
    only_this_machine(tab, server)


def test_a_saved_map_stands_in_its_cell(server, chromium, tab, ran, tmp_path):
    put(server[1], "luu.ipynb", ran, trusted=True)
    go(tab, url(server, "luu.ipynb"))
    painted(tab, chromium, server)
    tab.picture(tmp_path / f"{server[0]}.png")


def test_a_map_is_painted_when_all_cells_are_run(server, chromium, tab, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    put(server[1], "chay.ipynb", notebook, trusted=False)
    go(tab, url(server, "chay.ipynb"))
    _, ready, run_all = APPS[server[0]]
    tab.wait_for(ready, 180)
    assert not tab.run(f"Boolean({FRAME})")
    tab.run(f"void {run_all}")
    painted(tab, chromium, server)
    tab.wait_for("document.body.innerText.includes('Bảng thử')", 180)


def test_a_notebook_that_came_by_mail_shows_a_picture_and_its_legend(server, tab, ran, tmp_path):
    mailed = nbformat.from_dict(ran)
    mailed.cells[0]["source"] = f"# of somebody else\n{IMPORTS}"
    put(server[1], "thu.ipynb", mailed, trusted=False)
    go(tab, url(server, "thu.ipynb"))
    tab.wait_for("document.querySelector('img[alt*=\"Thử trong ô\"]')?.complete", 180)
    assert not tab.run(f"Boolean({FRAME})")
    assert tab.run("document.querySelector('img[alt*=\"Thử trong ô\"]').naturalWidth") >= 400
    told = tab.run("document.querySelector('img[alt*=\"Thử trong ô\"]').closest('div').innerText")
    for words in ("Thử trong ô", "Tỷ lệ hộ nghèo", "số liệu minh hoạ", "chưa có số liệu", "Trust Notebook"):
        assert words in told
    colours = tab.run(
        "[...document.querySelectorAll('td[bgcolor]')].map((cell) => getComputedStyle(cell).backgroundColor)"
    )
    assert len(set(colours)) >= 3  # the paper and two classes
    only_this_machine(tab, server)
    tab.picture(tmp_path / f"{server[0]}.png")
