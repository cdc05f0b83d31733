"""A run replaces only what a run made; nobody's own files are ever moved or removed."""

import os
import subprocess
import sys
import time

import pytest

from geontm.errors import PublishError
from geontm.publish import require_replaceable, result_folder, write_record


def publish(target, text="new"):
    with result_folder(target) as folder:
        (folder / "maps").mkdir()
        (folder / "maps" / "a.html").write_text(text)
        write_record(folder, {"fingerprint": "1"})


def everything(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(target):
    with pytest.raises(PublishError) as raised:
        publish(target)
    return raised.value.message.id


@pytest.mark.parametrize("own", [{"thesis.docx": "mine"}, {"run.json": "[]"}, {"run.json": "not json", "x": ""}])
def test_a_folder_of_somebody_is_never_replaced(tmp_path, own):
    folder = tmp_path / "Documents"
    folder.mkdir()
    for name, text in own.items():
        (folder / name).write_text(text)
    assert refused(folder) == "publish.not_a_result"
    assert everything(tmp_path) == {f"Documents/{name}": text for name, text in own.items()}


def test_somebodys_folder_of_the_name_of_the_previous_result_stays(tmp_path):
    publish(tmp_path / "out")
    (tmp_path / "out.previous").mkdir()
    (tmp_path / "out.previous" / "x.txt").write_text("mine")
    assert refused(tmp_path / "out") == "publish.not_a_result"
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    assert refused(tmp_path / "out") == "publish.not_a_result"
    assert everything(tmp_path / "out.previous") == {"x.txt": "mine"}


def test_a_file_is_no_result_folder(tmp_path):
    (tmp_path / "out").write_text("mine")
    assert refused(tmp_path / "out") == "publish.target_is_file"
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("target", [".", "..", "/", "../work"])
def test_the_folder_one_works_in_is_no_result_folder(tmp_path, monkeypatch, target):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(PublishError) as raised:
        require_replaceable(target)
    assert raised.value.message.id == "publish.target_holds_you"


def test_an_empty_folder_is_used_and_pushes_no_result_out(tmp_path):
    publish(tmp_path / "out", "good")
    publish(tmp_path / "out", "better")
    for path in (tmp_path / "out" / "maps" / "a.html", tmp_path / "out" / "run.json"):
        path.unlink()
    (tmp_path / "out" / "maps").rmdir()
    publish(tmp_path / "out", "best")
    assert everything(tmp_path / "out")["maps/a.html"] == "best"
    assert everything(tmp_path / "out.previous")["maps/a.html"] == "good"


def test_files_added_to_a_result_outlive_it(tmp_path):
    target = tmp_path / "out"
    publish(target)
    (target / "maps" / "notes.docx").write_text("a week of work")
    (target / ".DS_Store").write_text("litter")
    publish(target)
    publish(target)
    kept = [path for path in tmp_path.iterdir() if path.name.startswith("out.kept-")]
    assert len(kept) == 1
    assert everything(kept[0]) == {"maps/notes.docx": "a week of work"}
    publish(target)
    publish(target)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights on Windows")
def test_a_link_leads_to_the_folder_that_is_written(tmp_path):
    publish(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to("real")
    publish(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert everything(tmp_path / "real")["maps/a.html"] == "new"


def half_made(target, *, idle):
    folder = target.parent / f".{target.name}-abcdefgh.tmp"
    folder.mkdir()
    (folder / "communes.csv").write_text("half")
    for path in (folder / "communes.csv", folder):
        os.utime(path, (time.time() - idle,) * 2)
    return folder


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    stale = half_made(tmp_path / "out", idle=7_200)
    others = [half_made(tmp_path / name, idle=7_200) for name in ("out-2", "ou")]
    publish(tmp_path / "out")
    assert not stale.exists()
    assert all(folder.exists() for folder in others)


def test_what_may_still_be_written_is_left_alone(tmp_path):
    young = half_made(tmp_path / "out", idle=5)
    publish(tmp_path / "out")
    assert young.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a folder cannot be held on Windows; there an hour must pass")
def test_a_folder_is_held_as_long_as_its_run_lives(tmp_path):
    code = (
        "import sys; from geontm.publish import result_folder\n"
        f"with result_folder({str(tmp_path / 'out')!r}) as folder:\n    print(folder, flush=True); sys.stdin.read()"
    )
    run = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert run.stdout is not None
        folder = tmp_path / run.stdout.readline().strip()
        os.utime(folder, (time.time() - 7_200,) * 2)
        publish(tmp_path / "out")
        assert folder.exists()
    finally:
        run.kill()
        run.communicate()
    publish(tmp_path / "out")
    assert not folder.exists()
