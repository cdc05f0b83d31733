"""The last good result stays until the new one stands, whatever happens in between."""

import errno
import os
from typing import NamedTuple

import pytest

from geontm.errors import PublishError
from geontm.publish import restore_if_missing, result_folder, swap_in, write_record


class _Usage(NamedTuple):
    """What a disk says of itself (bytes)."""

    total: int
    free: int


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "maps" / "cao-bang"
    folder.mkdir(parents=True)
    (folder / "communes.csv").write_text("old")
    write_record(folder, {"fingerprint": "0"})
    return folder


def publish(target, text="new"):
    with result_folder(target) as folder:
        (folder / "communes.csv").write_text(text)
        write_record(folder, {"fingerprint": "1"})


def beside(target):
    return sorted(path.name for path in target.parent.iterdir())


def test_a_first_result_appears_whole(tmp_path):
    publish(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "communes.csv").read_text() == "new"
    assert beside(tmp_path / "a" / "b") == ["b"]


def test_the_old_result_is_kept_once(target):
    publish(target, "second")
    publish(target, "third")
    assert (target / "communes.csv").read_text() == "third"
    assert (target.parent / "cao-bang.previous" / "communes.csv").read_text() == "second"
    assert beside(target) == ["cao-bang", "cao-bang.previous"]


@pytest.mark.parametrize(
    "reason", [KeyboardInterrupt(), ValueError("x"), OSError(errno.ENOSPC, "full"), OSError(errno.EACCES, "no")]
)
def test_whatever_breaks_the_writing_leaves_the_last_result_and_no_litter(target, reason):
    with pytest.raises(BaseException) as raised, result_folder(target) as folder:
        (folder / "communes.csv").write_text("half")
        raise reason
    assert (target / "communes.csv").read_text() == "old"
    assert beside(target) == ["cao-bang"]
    if isinstance(reason, OSError):
        assert isinstance(raised.value, PublishError)
        wanted = "publish.no_space" if reason.errno == errno.ENOSPC else "publish.cannot_write"
        assert raised.value.message.id == wanted
    else:
        assert raised.value is reason


def behind(reason):
    error = RuntimeError("a library's own words")
    error.__cause__ = reason
    return error


def test_what_is_no_disk_is_not_a_full_one(target, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: _Usage(0, 0))
    with pytest.raises(PublishError) as raised, result_folder(target):
        raise PermissionError(errno.EPERM, "Operation not permitted")
    assert raised.value.message.id == "publish.cannot_write"
    monkeypatch.setattr("shutil.disk_usage", lambda folder: _Usage(10**9, 4096))
    with pytest.raises(PublishError) as raised, result_folder(target):
        raise PermissionError(errno.EPERM, "Operation not permitted")
    assert raised.value.message.id == "publish.no_space"


@pytest.mark.parametrize(
    "reason",
    [
        RuntimeError("sqlite3_exec(COMMIT) failed: database or disk is full"),
        OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"),
        behind(OSError(errno.ENOSPC, "full")),
    ],
)
def test_a_full_disk_is_known_by_whatever_library_reports_it(target, reason):
    with pytest.raises(PublishError) as raised, result_folder(target):
        raise reason
    assert raised.value.message.id == "publish.no_space"
    assert raised.value.__cause__ is reason


def test_a_refusal_of_our_own_passes_through(target):
    refusal = PublishError("publish.unknown_map", name="x", known="y")
    with pytest.raises(PublishError) as raised, result_folder(target):
        raise refusal
    assert raised.value is refusal


def failing(monkeypatch, when, reason):
    real = os.replace

    def replace(source, destination, **options):
        if when(str(source), str(destination)):
            raise reason
        return real(source, destination, **options)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("had_previous", [False, True])
def test_a_file_open_elsewhere_keeps_both_results_and_names_the_file(target, monkeypatch, had_previous):
    if had_previous:
        publish(target, "older")
        (target / "communes.csv").write_text("old")
    before = beside(target)
    locked = PermissionError(errno.EACCES, "in use", str(target / "communes.csv"))
    failing(monkeypatch, lambda source, _: source == str(target), locked)
    with pytest.raises(PublishError) as raised:
        publish(target)
    assert (target / "communes.csv").read_text() == "old"
    assert "communes.csv" in raised.value.text("vi")
    new = [name for name in beside(target) if name not in before]
    assert len(new) == 1
    assert new[0].startswith("cao-bang-2")
    assert (target.parent / new[0] / "communes.csv").read_text() == "new"
    assert new[0] in raised.value.text("en")


@pytest.mark.parametrize("reason", [OSError(errno.EIO, "x"), KeyboardInterrupt()])
def test_a_break_between_the_two_renames_puts_the_old_result_back(target, monkeypatch, reason):
    failing(monkeypatch, lambda _, destination: destination == str(target) and ".tmp" in _, reason)
    with pytest.raises((PublishError, KeyboardInterrupt)):
        publish(target)
    assert (target / "communes.csv").read_text() == "old"


def test_a_run_cut_off_between_the_two_renames_is_mended_by_the_next(target):
    target.rename(target.parent / "cao-bang.previous")
    assert restore_if_missing(target)
    assert (target / "communes.csv").read_text() == "old"
    assert not restore_if_missing(target)


def test_swap_in_gives_the_target(target, tmp_path):
    fresh = target.parent / "fresh"
    fresh.mkdir()
    assert swap_in(fresh, target) == target
    assert list(target.iterdir()) == []


def test_the_result_can_be_read_by_others(target):
    publish(target)
    assert target.stat().st_mode & 0o755 == 0o755
