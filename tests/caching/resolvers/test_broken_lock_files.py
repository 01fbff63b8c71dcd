"""Broken, half-written and hostile lock files: a clear message, never another exception, never a hang."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from locked_workspace import LOCK_FILES, LockedWorkspace

from tui_runner import InputResolver, npm_package, pnpm_package, uv_package
from tui_runner.caching.resolvers.npm_lock import parse_npm_lock
from tui_runner.caching.resolvers.package_inputs import LockedPackages
from tui_runner.caching.resolvers.pnpm_lock import parse_pnpm_lock
from tui_runner.caching.resolvers.requirements_file import parse_requirements
from tui_runner.caching.resolvers.resolver_error import ResolverError
from tui_runner.caching.resolvers.uv_lock import parse_uv_lock

RESOLVERS = {"npm_v3": npm_package, "pnpm_v9": pnpm_package, "uv": uv_package}
LOCKS = {"npm_v3": "package-lock.json", "pnpm_v9": "pnpm-lock.yaml", "uv": "uv.lock"}
PARSERS: dict[str, Callable[[Path, str], LockedPackages]] = {
    "npm_v3": parse_npm_lock,
    "pnpm_v9": parse_pnpm_lock,
    "uv": parse_uv_lock,
}
ROOTS = {"npm_v3": '{"lockfileVersion": 3, "packages": ', "pnpm_v9": "lockfileVersion: '9.0'\n", "uv": "version = 1\n"}


@pytest.fixture(params=list(RESOLVERS))
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace(request.param, tmp_path)


def resolver(workspace: LockedWorkspace) -> InputResolver:
    return RESOLVERS[workspace.name]()


def refusal(workspace: LockedWorkspace) -> str:
    with pytest.raises(ResolverError) as caught:
        workspace.ask(resolver(workspace))
    return str(caught.value).replace(str(workspace.root), "…")


def refused(name: str, text: str) -> str:
    with pytest.raises(ResolverError) as caught:
        everything(PARSERS[name](Path(LOCKS[name]), text))
    return str(caught.value)


def everything(lock: LockedPackages) -> None:
    for directory in (".", "packages/web", "a"):
        if lock.holds(directory):
            lock.closure(directory)
            lock.root_closure()


def test_a_missing_lock_file_is_told_with_the_command_that_writes_it(workspace: LockedWorkspace) -> None:
    workspace.lock_file.unlink()
    message = refusal(workspace)
    assert message.startswith(
        f"`…/packages/web` has no `{workspace.lock_file.name}`, nor has any directory up to `…`: "
    )
    assert "run `" in message


def test_a_package_that_is_not_locked_is_told(workspace: LockedWorkspace) -> None:
    (workspace.root / "packages" / "web").rename(workspace.root / "packages" / "new")
    with pytest.raises(ResolverError, match=r"does not hold the package in `packages/new`: run `.*` to add it"):
        workspace.ask(resolver(workspace), "packages/new")


def test_a_directory_that_is_no_package_is_told(workspace: LockedWorkspace) -> None:
    for manifest in workspace.root.rglob("*"):
        if manifest.name in {"package.json", "pyproject.toml"}:
            manifest.unlink()
    assert "nor has any directory up to `…`: give the task the cwd of its package" in refusal(workspace)


def test_marks_of_a_merge_are_told_with_their_line(workspace: LockedWorkspace) -> None:
    lines = workspace.lock_file.read_text().splitlines(keepends=True)
    lines[10:12] = ["<<<<<<< HEAD\n", *lines[10:12], "=======\n", *lines[10:12], ">>>>>>> other\n"]
    workspace.lock_file.write_text("".join(lines))
    message = refusal(workspace)
    assert message.startswith(f"`…/{workspace.lock_file.name}` has the marks of a merge conflict in line 11: settle it")


def test_a_file_cut_anywhere_is_refused_or_of_no_harm(workspace: LockedWorkspace) -> None:
    whole = workspace.ask(resolver(workspace))
    content = workspace.lock_file.read_bytes()
    refused = 0
    for end in range(0, len(content), len(content) // 60):
        workspace.lock_file.write_bytes(content[:end])
        try:
            assert workspace.ask(resolver(workspace)) == whole, "what was cut off concerns others"
        except ResolverError:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("content", [b"", b"\n", b"\0" * 100, b"\xff\xfe\x80", b"null", b"[]", b"[[[", b'"x"', b"{}"])
def test_what_is_no_lock_file_is_refused(workspace: LockedWorkspace, content: bytes) -> None:
    workspace.lock_file.write_bytes(content)
    assert refusal(workspace).startswith(f"`…/{workspace.lock_file.name}` ")


def test_a_pipe_a_directory_or_a_loop_of_links_is_no_lock_file(workspace: LockedWorkspace) -> None:
    workspace.lock_file.unlink()
    os.mkfifo(workspace.lock_file)
    assert "has no `" in refusal(workspace)
    workspace.lock_file.unlink()
    workspace.lock_file.mkdir()
    assert "has no `" in refusal(workspace)
    workspace.lock_file.rmdir()
    workspace.lock_file.symlink_to(workspace.lock_file)
    assert "has no `" in refusal(workspace)


def test_an_enormous_file_is_refused_unread(workspace: LockedWorkspace) -> None:
    os.truncate(workspace.lock_file, 1 << 40)
    assert "is larger than 32 MiB: list it as an input file instead" in refusal(workspace)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("npm_v3", '{"lockfileVersion": 1, "dependencies": {}}', "with npm 7 or later, which upgrades it"),
        ("npm_v3", '{"dependencies": {}}', "is of version 1; versions 2 and 3 can be read"),
        ("npm_v3", '{"lockfileVersion": 4, "packages": {"": {}}}', "is of version 4; versions 2 and 3 can be read"),
        ("pnpm_v9", "lockfileVersion: 5.4\n", "with pnpm 8 or later, which upgrades it"),
        ("pnpm_v9", "lockfileVersion: '10.0'\n", "is of version 10.0; versions 6.0 to 9.0 can be read"),
        ("pnpm_v9", "importers: {}\n", "does not say its version"),
        ("uv", "version = 2\n", "is of version 2; version 1 can be read"),
        ("uv", "[[package]]\n", "is of version None"),
    ],
)
def test_other_versions_are_told_with_a_way_out(name: str, text: str, message: str) -> None:
    assert message in refused(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": {}}}}}'),
        ("npm_v3", '{"lockfileVersion": 3, "packages": []}'),
        ("npm_v3", '{"lockfileVersion": "3"}'),
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"": {"version": 1}}}'),
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"a": {}}}'),
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"": {}, "' + "a/" * 101 + '": {}}}'),
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"": {"workspaces": ' + "[" * 100_000),
        ("npm_v3", "[" * 1_000_000),
        ("npm_v3", '{"lockfileVersion": ' + "9" * 10_000 + "}"),
        ("npm_v3", '{"lockfileVersion": 3, "packages": {"": {"version": "\\ud800"}}}'),
        ("pnpm_v9", "lockfileVersion: '9.0'\nimporters: [a]\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: 1.0.0\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\nlockfileVersion: '9.0'\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\n[a]: b\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: &x b\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: &x b\nc: *x\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: *x\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: \x07\n"),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: " + "[" * 300_000),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: " + "{" * 300_000),
        ("pnpm_v9", "lockfileVersion: '9.0'\na: " + "{a: " * 100_000),
        ("pnpm_v9", "lockfileVersion: '9.0'\na:\n" + "- " * 100_000),
        ("pnpm_v9", "lockfileVersion: '9.0'\n" + "? " * 100_000),
        ("uv", 'version = 1\npackage = "x"\n'),
        ("uv", "version = 1\n[[package]]\nname = 1\n"),
        ("uv", 'version = 1\n[[package]]\nsource = { editable = "." }\n'),
        ("uv", 'version = 1\n[[package]]\nname = "a"\nsource = { registry = 1979-05-27 }\n'),
        ("uv", "version = 1\na = " + "[" * 30_000),
        ("uv", "version = 1\n" + "a." * 60_000 + "b = 1"),
        ("uv", "version = " + "9" * 10_000),
    ],
)
def test_hostile_content_is_refused(name: str, text: str) -> None:
    message = refused(name, text)
    assert message.startswith(f"`{LOCKS[name]}` ")
    assert message.isprintable()
    assert len(message) < 600


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("pnpm_v9", "  wrappy@1.0.1: {}\n", ""),
        ("pnpm_v9", "  wrappy@1.0.1:\n    resolution:", "  other@1.0.1:\n    resolution:"),
        ("uv", '[[package]]\nname = "sniffio"', '[[package]]\nname = "other"'),
    ],
)
def test_what_is_needed_but_not_there_is_told_by_its_name(tmp_path: Path, name: str, old: str, new: str) -> None:
    workspace = LockedWorkspace(name, tmp_path)
    workspace.replace(old, new)
    message = refusal(workspace)
    assert "`wrappy`" in message or "`sniffio`" in message
    assert "but does not hold it: run `" in message


@pytest.mark.parametrize("name", list(PARSERS))
def test_names_out_of_the_file_cannot_steer_the_terminal(name: str) -> None:
    texts = {
        "npm_v3": '{"lockfileVersion": 3, "\\u001b[2J": \x1b',
        "pnpm_v9": 'lockfileVersion: \'9.0\'\n"\\e[2J": a\n"\\e[2J": b\n',
        "uv": "version = 1\n\x1b[2J = 1\n",
    }
    assert refused(name, texts[name]).isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["", "a", "node_modules/a", "a/node_modules/a", "../a", "node_modules", "a@1", "link:a", "."])
FIELDS = st.sampled_from(["version", "resolved", "link", "dependencies", "devDependencies", "specifier", "resolution"])


@st.composite
def nearly_locks(draw: st.DrawFn) -> str:
    """Return trees with the right names in the right places, mostly."""
    names = st.dictionaries(NAMES, NAMES | JSON, max_size=3)
    package = st.dictionaries(FIELDS, NAMES | names | st.booleans() | JSON, max_size=4)
    packages = st.dictionaries(NAMES, package | JSON, max_size=4)
    sections = st.sampled_from(["packages", "importers", "snapshots", "catalogs", "overrides", "patchedDependencies"])
    tree: dict[str, object] = {"lockfileVersion": draw(st.sampled_from([2, 3, "6.0", "9.0"]))}
    tree |= draw(st.dictionaries(sections, packages | JSON, max_size=4))
    return json.dumps(tree)


@pytest.mark.parametrize("name", ["npm_v3", "pnpm_v9"])
@given(text=nearly_locks())
def test_whatever_stands_in_a_tree_only_the_one_exception_comes_out(name: str, text: str) -> None:
    tolerate(PARSERS[name], text)


@st.composite
def nearly_uv_locks(draw: st.DrawFn) -> str:
    """Return the same for uv."""
    needed = st.fixed_dictionaries(
        {"name": NAMES}, optional={"version": NAMES, "extra": st.lists(NAMES, max_size=2) | JSON, "marker": JSON}
    )
    needs = st.lists(needed, max_size=2)
    package = st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "version": NAMES | JSON,
            "source": st.dictionaries(st.sampled_from(["editable", "virtual", "registry"]), NAMES | JSON, max_size=2),
            "dependencies": needs | JSON,
            "optional-dependencies": st.dictionaries(NAMES, needs, max_size=2) | JSON,
            "dev-dependencies": st.dictionaries(NAMES, needs, max_size=2),
            "wheels": st.lists(st.dictionaries(st.sampled_from(["hash", "url"]), NAMES), max_size=2),
        },
    )
    manifest = st.fixed_dictionaries({}, optional={"members": st.lists(NAMES), "dependency-groups": JSON})
    tree = {"version": 1, "package": draw(st.lists(package, max_size=4)), "manifest": draw(manifest | JSON)}
    return "\n".join(f"{name} = {as_toml(value)}" for name, value in tree.items())


def as_toml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)} = {as_toml(inner)}" for name, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case None:
            return "1979-05-27"
        case _:
            return json.dumps(value)


@given(text=nearly_uv_locks())
def test_whatever_stands_in_a_tree_of_uv_only_the_one_exception_comes_out(text: str) -> None:
    tolerate(PARSERS["uv"], text)


@pytest.mark.parametrize("name", list(PARSERS))
@given(text=st.text(), after_the_beginning=st.booleans())
def test_whatever_the_text_only_the_one_exception_comes_out(name: str, text: str, after_the_beginning: bool) -> None:
    tolerate(PARSERS[name], ROOTS[name] + text if after_the_beginning else text)


@pytest.mark.parametrize("name", list(PARSERS))
@given(data=st.data())
def test_whatever_is_torn_out_or_put_in_only_the_one_exception_comes_out(name: str, data: st.DataObject) -> None:
    text = (LOCK_FILES / name / "base" / LOCKS[name]).read_text()
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 200)))
    tolerate(PARSERS[name], text[:begin] + data.draw(st.text("{}[]:\"'\n =&*-,a1", max_size=5)) + text[end:])


@given(content=st.binary() | st.text(alphabet="-rc#\\ \n'\"=.a\0").map(str.encode))
def test_whatever_requirements_are_only_the_one_exception_comes_out(content: bytes) -> None:
    try:
        parse_requirements(Path("the lock file"), content)
    except ResolverError as error:
        check_message(str(error))


def tolerate(parse: Callable[[Path, str], LockedPackages], text: str) -> None:
    try:
        everything(parse(Path("the lock file"), text))
    except ResolverError as error:
        check_message(str(error))


def check_message(message: str) -> None:
    assert message.startswith("`the lock file` ")
    assert message.isprintable()
