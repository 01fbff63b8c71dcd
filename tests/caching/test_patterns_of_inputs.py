import os
from pathlib import Path

import pytest
from file_sets import Tree

from tui_runner.caching.fingerprint import FileSet, take_fingerprint
from tui_runner.caching.store import CacheError

EXISTING = {
    "package.json": "{}",
    "src/a.ts": "a",
    "src/a.test.ts": "t",
    "src/deep/b.ts": "b",
    "src/deep/b.tsx": "bx",
    "src/deep/deeper/c.ts": "c",
    "src/node_modules/dep/index.ts": "d",
    "src/.hidden": "h",
    "lib/x.py": "x",
    "lib/__pycache__/x.pyc": "xc",
}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write(EXISTING)
    return made


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["package.json"], ["package.json"]),
        (["./package.json", "package.json"], ["package.json"]),
        (["lib"], ["lib/x.py"]),
        (["lib/"], ["lib/x.py"]),
        (["src/*.ts"], ["src/a.test.ts", "src/a.ts"]),
        (["src/*"], ["src/.hidden", "src/a.test.ts", "src/a.ts"]),
        (["src/*/*.ts"], ["src/deep/b.ts"]),
        (
            ["src/**/*.{ts,tsx}", "!**/*.test.ts"],
            ["src/a.ts", "src/deep/b.ts", "src/deep/b.tsx", "src/deep/deeper/c.ts"],
        ),
        (["{lib,src/deep}/*.*"], ["lib/x.py", "src/deep/b.ts", "src/deep/b.tsx"]),
        (["src/de*/"], ["src/deep/b.ts", "src/deep/b.tsx", "src/deep/deeper/c.ts"]),
        (["**/c.ts"], ["src/deep/deeper/c.ts"]),
        (["src/d*p/d*r/?.ts"], ["src/deep/deeper/c.ts"]),
        (["nothing/**"], []),
    ],
)
def test_patterns_mean_files_directories_and_globs(tree: Tree, patterns: list[str], names: list[str]) -> None:
    assert tree.names(*patterns) == names


def test_a_directory_means_everything_below_it_but_what_tools_put_there(tree: Tree) -> None:
    assert tree.names(".") == [name for name in sorted(EXISTING) if "node_modules" not in name and "__py" not in name]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("src/node_modules", "src/node_modules/dep/index.ts"),
        ("src/node_modules/dep/index.ts", "src/node_modules/dep/index.ts"),
        ("**/node_modules/**", "src/node_modules/dep/index.ts"),
        ("src/{node_modules,nothing}/*/*", "src/node_modules/dep/index.ts"),
        ("lib/__pycache__/*.pyc", "lib/__pycache__/x.pyc"),
    ],
)
def test_what_tools_put_there_counts_when_a_pattern_names_it(tree: Tree, pattern: str, name: str) -> None:
    assert tree.names(pattern) == [name]


def test_what_tools_put_there_counts_where_it_is_said_so(tree: Tree) -> None:
    tree.write({"src/.git/x": "x"})
    entered = FileSet(
        root=str(tree.root), base=str(tree.root), patterns=("src/node*", "src"), entered=frozenset({b"node_modules"})
    )
    for table in (None, tree.table, tree.table):
        files = take_fingerprint(entered, table).files()
        assert b"src/node_modules/dep/index.ts" in files
        assert b"src/.git/x" not in files
    assert (
        b"src/node_modules/dep/index.ts" not in take_fingerprint(tree.file_set("src/node*", "src"), tree.table).files()
    )


def test_an_exclusion_takes_from_what_came_before_it_and_not_from_what_comes_after(tree: Tree) -> None:
    assert tree.names("lib", "src", "!src/deep", "src/deep/deeper") == [
        "lib/x.py",
        "src/.hidden",
        "src/a.test.ts",
        "src/a.ts",
        "src/deep/deeper/c.ts",
    ]


@pytest.mark.parametrize("exclusion", ["!src/deep", "!src/d*", "!**/deep", "!src/deep/**", "!src/deep/"])
def test_an_excluded_directory_takes_all_below_it_away(tree: Tree, exclusion: str) -> None:
    assert tree.names("src", exclusion) == ["src/.hidden", "src/a.test.ts", "src/a.ts"]


@pytest.mark.parametrize("exclusion", ["!src/deep", "!src/d*", "!**/deep"])
def test_an_excluded_directory_hides_a_pattern_that_begins_below_it(tree: Tree, exclusion: str) -> None:
    assert tree.names("src/deep/deeper/*.ts", "src/deep/b.ts", "package.json", exclusion) == ["package.json"]


def test_outputs_of_the_task_are_no_inputs_whatever_the_order(tree: Tree) -> None:
    assert tree.names("src", without=("src/deep", "src/**/*.test.ts")) == ["src/.hidden", "src/a.ts"]
    assert tree.names("src/deep", without=("src/deep/**", "!src/deep/b.ts")) == ["src/deep/b.ts"]


def test_a_path_that_looks_like_a_glob_is_meant_when_it_exists(tree: Tree) -> None:
    tree.write({"pages/[id].tsx": "page", "pages/i.tsx": "other", "app/{x}/a": "a"})
    assert tree.names("pages/[id].tsx") == ["pages/[id].tsx", "pages/i.tsx"]
    assert tree.names("app/{x}") == ["app/{x}/a"]
    assert tree.names("pages", "!pages/[id].tsx") == []


def test_names_are_relative_to_the_root_wherever_the_task_works(tree: Tree) -> None:
    assert tree.names("*.ts", "../package.json", base="src") == ["package.json", "src/a.test.ts", "src/a.ts"]


def test_files_outside_the_root_have_absolute_names(tree: Tree) -> None:
    (tree.root.parent / "shared").mkdir()
    (tree.root.parent / "shared/s.ts").write_text("s")
    shared = f"{tree.root.parent}/shared/s.ts"
    assert tree.names("../shared", "package.json") == [shared, "package.json"]
    assert tree.names(shared) == [shared]
    assert tree.names("..") == [shared, *tree.names(".")]


def test_the_parent_of_a_linked_directory_is_that_of_what_it_leads_to(tree: Tree) -> None:
    (tree.root / "here").symlink_to("src/deep/deeper")
    tree.write({"b.ts": "another"})
    assert tree.names("../b.ts", base="here") == ["src/deep/b.ts"]


def test_patterns_without_a_file_are_missing_and_exclusions_never_are(tree: Tree) -> None:
    (tree.root / "empty/deeper").mkdir(parents=True)
    patterns = ("src/*.ts", "gone.txt", "empty", "gone/**", "!nothing", "src/a.ts/below")
    assert tree.look(*patterns).missing == ("gone.txt", "empty", "gone/**", "src/a.ts/below")


def test_what_is_missing_counts(tree: Tree) -> None:
    assert (
        len({tree.look(*patterns).digest for patterns in [("lib",), ("lib", "a"), ("lib", "b"), ("lib", "a", "b")]})
        == 4
    )


def test_an_output_among_the_inputs_is_missing_before_and_after_it_was_made(tree: Tree) -> None:
    before = tree.look("lib", "dist/app.js", without=("dist",))
    tree.write({"dist/app.js": "made"})
    after = tree.look("lib", "dist/app.js", without=("dist",))
    assert (before.missing, before.digest) == (("dist/app.js",), after.digest)


def test_names_that_are_no_text_are_found_and_matched(tree: Tree) -> None:
    odd = os.path.join(os.fsencode(tree.root), b"src", b"caf\xe9.ts")  # noqa: PTH118 - bytes
    with open(odd, "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"odd")
    assert b"src/caf\xe9.ts" in tree.look("src/*.ts").files()
    assert list(tree.look(os.fsdecode(b"src/caf\xe9.ts")).files()) == [b"src/caf\xe9.ts"]
    assert b"src/caf\xe9.ts" not in tree.look("src", os.fsdecode(b"!src/*\xe9.ts")).files()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("a\0b", "NUL"), ("\ud800", "cannot be in a name"), ("{a,b}" * 20, "too many alternatives")],
)
def test_a_pattern_that_makes_no_sense_is_told(tree: Tree, pattern: str, message: str) -> None:
    with pytest.raises(CacheError, match=message):
        tree.look(pattern)
