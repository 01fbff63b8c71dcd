import pytest

from tui_runner.model.glob import compile_glob, glob_depth, split_glob


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("src", ("src", "")),
        ("./src/app.py", ("./src/app.py", "")),
        ("src/**/*.py", ("src", "**/*.py")),
        ("*.py", (".", "*.py")),
        ("/abs/*", ("/abs", "*")),
        ("/*.conf", ("/", "*.conf")),
        ("../lib/{a,b}.ts", ("../lib", "{a,b}.ts")),
    ],
)
def test_the_directory_part_ends_before_the_first_special_character(path: str, parts: tuple[str, str]) -> None:
    assert split_glob(path) == parts


@pytest.mark.parametrize(
    ("glob", "matching", "other"),
    [
        ("*.py", ["a.py", ".a.py"], ["a/b.py", "a.pyc", "a.py/x"]),
        ("**/*.py", ["a.py", "a/b.py", "a/b/c.py"], ["a.txt"]),
        ("**", ["a", "a/b/c"], []),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z"], ["z", "a/bz"]),
        ("src/*/x?.ts", ["src/a/x1.ts"], ["src/x1.ts", "src/a/b/x1.ts", "src/a/x.ts"]),
        ("*.{ts,tsx}", ["a.ts", "a.tsx"], ["a.js", "a.{ts,tsx}"]),
        ("{a,b/{c,d}}/x", ["a/x", "b/c/x", "b/d/x"], ["b/x"]),
        ("[a-c]x", ["ax", "cx"], ["dx"]),
        ("[!a]x", ["bx"], ["ax", "/x"]),
        ("[z-a]x", ["[z-a]x"], ["ax"]),
        ("[a--b]", ["[a--b]"], ["a"]),
        ("[[a]x", ["[x", "ax"], ["bx"]),
        ("a+b(1).py", ["a+b(1).py"], ["aab1.py"]),
        ("[", ["["], ["a"]),
    ],
)
def test_globs_match_as_in_other_tools(glob: str, matching: list[str], other: list[str]) -> None:
    pattern = compile_glob(glob)
    assert [text for text in matching if not pattern.fullmatch(text)] == []
    assert [text for text in other if pattern.fullmatch(text)] == []


def test_a_glob_that_explodes_is_refused() -> None:
    with pytest.raises(ValueError, match="too many alternatives"):
        compile_glob("{a,b}" * 20)


def test_depth_limits_how_far_one_has_to_look() -> None:
    assert (glob_depth("*.py"), glob_depth("a/*/b.py"), glob_depth("**/*.py")) == (0, 2, None)
