import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui_runner.model.policy import Watch, watch
from tui_runner.watching.ignore import IgnoreFiles, IgnoreRules, always_ignored
from tui_runner.watching.routing import Routing
from tui_runner.watching.watched import Watched


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def rules(root: Path, base: str = ".", patterns: Sequence[str] = ()) -> IgnoreRules:
    top = os.path.realpath(root)
    return IgnoreRules(IgnoreFiles(), root=top, base=os.path.normpath(f"{top}/{base}"), cwd=top, patterns=patterns)


def ignored(root: Path, *names: str, base: str = ".", patterns: Sequence[str] = ()) -> list[str]:
    decide = rules(root, base, patterns)
    return [name for name in names if decide.ignores(f"{os.path.realpath(root)}/{name}")]


@pytest.mark.parametrize(
    "name",
    [
        *(".git", "node_modules", "__pycache__", ".venv", ".tui_runner", "a.py~", ".a.py.swp", ".a.swx", "4913"),
        *(".#a", "#a#", "a.tmp", "___jb_tmp___", "a.pyc"),
    ],
)
def test_the_usual_suspects_never_count(name: str) -> None:
    assert always_ignored(name)


@pytest.mark.parametrize("name", ["a.py", ".env", "git", "swp", "tmp", "a~b", "#1.md", ".swiftlint.yml"])
def test_ordinary_names_count(name: str) -> None:
    assert not always_ignored(name)


def test_nested_ignore_files_overrule_those_above(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "*.log\nbuild/\n/only-top\n", "keep/.gitignore": "!important.log\nlocal\n"})
    assert ignored(
        tmp_path,
        *("a.log", "x/a.log", "keep/a.log", "keep/important.log", "keep/local", "local", "build/out.js", "buildx/a"),
        *("only-top", "x/only-top"),
    ) == ["a.log", "x/a.log", "keep/a.log", "keep/local", "build/out.js", "only-top"]


def test_an_ignored_directory_hides_all_below_it_even_what_is_re_included(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "out\n!out/keep.txt\n", "out/.gitignore": "!*\n"})
    assert ignored(tmp_path, "out/keep.txt", "out/deep/x") == ["out/keep.txt", "out/deep/x"]


def test_rules_of_the_checkout_above_the_root_count(tmp_path: Path) -> None:
    lay(tmp_path, {".git/HEAD": "", ".gitignore": "*.gen\n", "app/src/a.gen": "", "app/src/a.py": ""})
    decide = IgnoreRules(
        IgnoreFiles(), root=str(tmp_path / "app"), base=str(tmp_path / "app/src"), cwd=str(tmp_path / "app")
    )
    assert decide.ignores(str(tmp_path / "app/src/a.gen"))
    assert not decide.ignores(str(tmp_path / "app/src/a.py"))


def test_the_tasks_own_patterns_come_on_top_and_overrule(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "*.log\n"})
    names = ("a.log", "special.log", "gen/a.py", "src/a.py")
    assert ignored(tmp_path, *names, patterns=("gen/", "!special.log")) == ["a.log", "gen/a.py"]


def test_a_path_the_user_names_counts_although_it_is_ignored(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "dist/\n"})
    assert ignored(tmp_path, "dist/app.js", "dist/node_modules/x.js", base="dist") == ["dist/node_modules/x.js"]


def test_broken_patterns_and_files_do_no_harm(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "!\n*.log\n\xff\n[z-a]\n"})
    (tmp_path / "sub" / ".gitignore").mkdir(parents=True)
    assert ignored(tmp_path, "a.log", "a.py", "sub/a.py") == ["a.log"]


def test_decisions_agree_with_git(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            ".gitignore": "# comment\n*.o\n!main.o\n/top\ndocs/*.html\n**/cache/\nfoo/**/bar\ntrail \\ \n\\#hash\nx[0-9]\n",
            "lib/.gitignore": "*.txt\n!/keep.txt\n",
        },
    )
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    names = [
        *("a.o", "main.o", "lib/main.o", "lib/a.o", "top", "lib/top", "docs/a.html", "docs/x/a.html", "cache/x"),
        *(
            "lib/cache/x",
            "foo/bar",
            "foo/a/b/bar",
            "lib/a.txt",
            "lib/keep.txt",
            "lib/sub/keep.txt",
            "#hash",
            "x1",
            "xx",
        ),
    ]
    told = subprocess.run(
        ["git", "check-ignore", "--stdin"],
        cwd=tmp_path,
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored(tmp_path, *names) == told.stdout.splitlines()


def routing(root: Path, **watches: Watch) -> Routing:
    return Routing(root, {task: Watched(cwd=str(root), watch=one) for task, one in watches.items()})


def tasks_for(of: Routing, root: Path, name: str) -> list[str]:
    return list(of.tasks_for(f"{os.path.realpath(root)}/{name}"))


def test_a_change_goes_to_every_task_that_watches_it_once(tmp_path: Path) -> None:
    lay(tmp_path, {"src/a.py": "", "web/a.ts": ""})
    of = routing(tmp_path, api=watch(["src", "src/**/*.py"]), web=watch("web/**/*.ts"), all=watch(".", ignore="*.md"))
    assert tasks_for(of, tmp_path, "src/a.py") == ["api", "all"]
    assert tasks_for(of, tmp_path, "src/deep/new/b.txt") == ["api", "all"]
    assert tasks_for(of, tmp_path, "web/a.ts") == ["web", "all"]
    assert tasks_for(of, tmp_path, "web/a.css") == ["all"]
    assert tasks_for(of, tmp_path, "README.md") == []
    assert tasks_for(of, tmp_path, "srcx/a.py") == ["all"]
    assert tasks_for(of, tmp_path, "node_modules/x/index.js") == []


def test_a_single_file_and_a_missing_path_are_watched_by_name(tmp_path: Path) -> None:
    lay(tmp_path, {"pyproject.toml": ""})
    of = routing(tmp_path, api=watch(["pyproject.toml", "later"]))
    assert tasks_for(of, tmp_path, "pyproject.toml") == ["api"]
    assert tasks_for(of, tmp_path, "pyproject.toml2") == []
    assert tasks_for(of, tmp_path, "later") == ["api"]
    assert tasks_for(of, tmp_path, "later/x/y") == ["api"]


def test_a_shallow_glob_does_not_enter_directories(tmp_path: Path) -> None:
    top = os.path.realpath(tmp_path)
    shallow, deep = routing(tmp_path, api=watch("*.py")), routing(tmp_path, api=watch("src/**/*.py"))
    assert shallow.enters(top)
    assert not shallow.enters(f"{top}/sub")
    assert deep.enters(f"{top}/src/a/b")
    assert not deep.enters(f"{top}/other")
    assert not deep.enters(f"{top}/src/node_modules")


def test_paths_outside_the_root_can_be_watched(tmp_path: Path) -> None:
    lay(tmp_path, {"shared/a.py": "", "app/x": ""})
    of = Routing(tmp_path / "app", {"api": Watched(cwd=str(tmp_path / "app"), watch=watch("../shared"))})
    assert tasks_for(of, tmp_path, "shared/a.py") == ["api"]
    assert of.bases == [os.path.realpath(tmp_path / "shared")]


def test_a_glob_that_makes_no_sense_is_a_problem_of_its_task_only(tmp_path: Path) -> None:
    of = routing(tmp_path, bad=watch("{a,b}" * 20), good=watch("src"))
    assert len(of.problems) == 1
    assert of.problems[0][0] == "bad"
    assert of.problems[0][1].startswith("cannot watch")
    assert tasks_for(of, tmp_path, "src/x") == ["good"]
