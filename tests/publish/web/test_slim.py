"""What is left out of the page's code changes nothing of what it does."""

import shutil
import subprocess
from importlib.resources import files

import pytest

from geontm.publish.web.slim import slim

FOLDER = files("geontm.publish.web").joinpath("page")
ASSETS = sorted(
    [path for path in FOLDER.iterdir() if path.name.endswith((".js", ".css"))]
    + [path for path in FOLDER.joinpath("parts").iterdir() if path.name.endswith((".js", ".css"))],
    key=lambda path: path.name,
)


def test_comments_indentation_and_empty_lines_go():
    code = "/* A part. */\n\n// one\nfunction f() {\n  // two\n  return 1; // three\n}\n/* over\n   lines */\nf();\n"
    assert slim(code) == "function f() {\nreturn 1;\n}\nf();\n"


def test_what_looks_like_a_comment_in_a_text_stays():
    code = "const a = `one\n  // two\n\n  /* three */\n`;\n  const b = '// four', c = 'a\\\n  // five';\n"
    assert slim(code) == "const a = `one\n  // two\n\n  /* three */\n`;\nconst b = '// four', c = 'a\\\n  // five';\n"


def test_what_may_be_in_a_text_stays_behind_code():
    for line in ("f('a // b');", 'f("it\'s // b");', "f(`${a} // b`);", "f(); // it's", "const a = `b // c"):
        assert slim(line + "\n") == line + "\n"


def test_code_behind_a_comment_stays():
    assert slim("  /* a */ f();\n/* b */ g(); /* c */\n") == "/* a */ f();\n/* b */ g(); /* c */\n"


def test_an_escaped_backtick_opens_nothing():
    assert slim("const a = '\\`';\n  // gone\n  f();\n") == "const a = '\\`';\nf();\n"


def test_a_comment_may_start_and_end_a_line_by_itself():
    assert slim("/*\n * a\n */\nf();\n") == "f();\n"
    assert slim("/**/\nf();\n") == "f();\n"
    assert slim("/*/ still */\nf();\n") == "f();\n"


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_every_line_left_is_the_beginning_of_one_that_was_there(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    for line in slim(path.read_text(encoding="utf-8")).splitlines():
        while not lines[at].lstrip().startswith(line.lstrip()):
            at += 1
        behind = lines[at].lstrip()[len(line.lstrip()) :].strip()
        assert not behind or behind.startswith("//"), behind
        at += 1


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on this machine")
@pytest.mark.parametrize("path", [path for path in ASSETS if path.name.endswith(".js")], ids=lambda path: path.name)
def test_what_is_left_is_a_script(path, tmp_path):
    script = tmp_path / "script.js"
    script.write_text(slim(path.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run(["node", "--check", str(script)], check=True)
