"""pip: requirements files and what they include."""

import random
from pathlib import Path

import pytest
from locked_workspace import changed, found

from tui_runner import pip_requirements
from tui_runner.caching.resolvers.resolver_error import ResolverError

LOCKED = """\
# compiled
--index-url https://pypi.org/simple

anyio==4.2.0 \\
    --hash=sha256:aaa \\
    --hash=sha256:bbb
    # via starlette
idna==3.6 ; python_version < "3.12"   # because
"""


def ask(directory: Path, *files: str | Path) -> dict[str, str]:
    return found(pip_requirements(*files), directory, directory)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("anyio==4.2.0", "anyio==4.2.1"),
        ("sha256:bbb", "sha256:ccc"),
        ('python_version < "3.12"', 'python_version < "3.13"'),
        ("https://pypi.org/simple", "https://pypi.org/other"),
        ("idna==3.6", "idna==3.6\nsix"),
        ("# because", "#because"),
    ],
)
def test_requirements_hashes_markers_and_options_count_comments_do_not(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "requirements.txt").write_text(LOCKED)
    before = ask(tmp_path)
    assert old in LOCKED
    (tmp_path / "requirements.txt").write_text(LOCKED.replace(old, new))
    expected = set() if old.startswith("#") else {"requirements requirements.txt"}
    assert changed(before, ask(tmp_path)) == expected


def test_how_the_file_is_written_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(LOCKED)
    before = ask(tmp_path)
    (tmp_path / "requirements.txt").write_bytes(
        b"\xef\xbb\xbf\r\n# another comment\r\n"
        b'idna==3.6 ;  python_version < "3.12"\r\n'
        b"anyio==4.2.0 --hash sha256:bbb \\\r\n --hash=sha256:aaa\r\n"
        b"--index-url \\\r\n   https://pypi.org/simple\r\n"
    )
    assert changed(before, ask(tmp_path)) == set()


def test_the_order_of_lines_does_not_count(tmp_path: Path) -> None:
    lines = [f"package-{number}=={number}" for number in range(30)]
    (tmp_path / "requirements.txt").write_text("\n".join(lines))
    before = ask(tmp_path)
    random.Random(7).shuffle(lines)
    (tmp_path / "requirements.txt").write_text("\n".join(lines))
    assert changed(before, ask(tmp_path)) == set()


@pytest.mark.parametrize(
    "line",
    [
        "-r more/dev.txt",
        "-rmore/dev.txt",
        "--requirement more/dev.txt",
        "--requirement=more/dev.txt",
        "--requirem=more/dev.txt",
        "-r 'more/dev.txt'  # tools",
        "-r \\\n  more/dev.txt",
    ],
)
def test_included_files_count_each_by_itself(tmp_path: Path, line: str) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "requirements.txt").write_text(f"six\n{line}\n")
    (tmp_path / "more" / "dev.txt").write_text("-c limits.txt\npytest\n")  # relative to the file it stands in
    (tmp_path / "more" / "limits.txt").write_text("pytest<9\n")
    before = ask(tmp_path)
    assert before.keys() == {
        "requirements requirements.txt",
        "requirements more/dev.txt",
        "constraints more/limits.txt",
    }
    (tmp_path / "more" / "limits.txt").write_text("pytest<8 # for now\n")
    assert changed(before, ask(tmp_path)) == {"constraints more/limits.txt"}


def test_files_that_include_each_other_end_in_no_loop(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r requirements.txt\n-r ./b.txt\nsix")
    (tmp_path / "b.txt").write_text("-r requirements.txt\n-c requirements.txt")
    assert ask(tmp_path).keys() == {
        "requirements requirements.txt",
        "requirements b.txt",
        "constraints requirements.txt",
    }


def test_several_files_are_named_relative_to_the_cwd_or_absolutely(tmp_path: Path) -> None:
    service = tmp_path / "service"
    service.mkdir()
    (service / "a.txt").write_text("six")
    (tmp_path / "b.txt").write_text("six")
    named = found(pip_requirements("a.txt", tmp_path / "b.txt"), service, tmp_path)
    assert named.keys() == {"requirements a.txt", "requirements ../b.txt"}
    assert named["requirements a.txt"] == named["requirements ../b.txt"]


def test_a_file_outside_the_workspace_keeps_its_full_name(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "limits.txt").write_text("six<2")
    (tmp_path / "work" / "requirements.txt").write_text(f"-c {tmp_path}/limits.txt")
    assert f"constraints {tmp_path}/limits.txt" in ask(tmp_path / "work")


def test_files_of_other_encodings_are_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1\n")
    before = ask(tmp_path)
    (tmp_path / "requirements.txt").write_text("six==1\n", encoding="utf-16")
    assert changed(before, ask(tmp_path)) == set()
    (tmp_path / "requirements.txt").write_bytes(b"six==1 # caf\xe9\n")
    assert changed(before, ask(tmp_path)) == set()
    (tmp_path / "requirements.txt").write_bytes(b"./caf\xe9\n")
    assert changed(before, ask(tmp_path)) == {"requirements requirements.txt"}


def test_space_within_quotes_counts(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text('-e "./my lib"')
    before = ask(tmp_path)
    (tmp_path / "requirements.txt").write_text('-e "./my  lib"')
    assert changed(before, ask(tmp_path)) == {"requirements requirements.txt"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"-r nowhere.txt", r"nowhere\.txt` is no file, but `.*requirements\.txt` includes it in line 1: write it"),
        (b"six\n\n-r .", r"is no file, but .* includes it in line 3"),
        (b"-r https://example.org/r.txt", "includes a URL in line 1, and nobody can tell when that changes: keep a"),
        (b"-r", "names no file behind `-r` in line 1"),
        (b"-r 'open", "has an error in line 1"),
        (b"-r a\0b", "is no file"),
        (b"<<<<<<< HEAD\nsix==1\n=======\nsix==2\n>>>>>>> other\n", "marks of a merge conflict in line 1: settle it"),
        (b"\xff\xfe\x00\xd8", "is not utf-16-le at byte 0: save it as UTF-8"),
    ],
)
def test_what_cannot_be_followed_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "requirements.txt").write_bytes(content)
    with pytest.raises(ResolverError, match=message):
        ask(tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResolverError, match=r"requirements\.txt` is no file: write it, or correct its name"):
        ask(tmp_path)


def test_what_is_no_path_is_told_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="takes paths, not ''"):
        pip_requirements("")
