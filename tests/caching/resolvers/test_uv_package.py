"""uv: real lock files."""

import re
from pathlib import Path

import pytest
from locked_workspace import LockedWorkspace, changed, found

from tui_runner import uv_package
from tui_runner.caching.resolvers.resolver_error import ResolverError


@pytest.fixture
def workspace(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("uv", tmp_path)


@pytest.fixture
def groups(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("uv_groups", tmp_path)


@pytest.mark.parametrize("diff", ["direct_bumped", "extra_bumped", "transitive_bumped", "linked_bumped", "path_bumped"])
def test_whatever_the_project_needs_counts(workspace: LockedWorkspace, diff: str) -> None:
    before = workspace.ask(uv_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(uv_package())) == {"dependencies"}


@pytest.mark.parametrize("diff", ["other_member_changed", "member_added"])
def test_other_members_do_not_count(workspace: LockedWorkspace, diff: str) -> None:
    before = workspace.ask(uv_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(uv_package())) == set()


def test_groups_of_the_root_count_for_all_members_under_a_name_of_their_own(workspace: LockedWorkspace) -> None:
    before = workspace.ask(uv_package())
    workspace.change("root_bumped")
    assert changed(before, workspace.ask(uv_package())) == {"workspace root"}


def test_an_extra_counts_for_whoever_asks_for_it(workspace: LockedWorkspace) -> None:
    workspace.change("other_member_changed")  # admin asks for markdown-it-py[plugins], web for markdown-it-py
    web, admin = workspace.ask(uv_package()), workspace.ask(uv_package(), "packages/admin")
    workspace.replace("26d2179227aaf4d1", "0000000000000000")  # of the plugins
    assert changed(web, workspace.ask(uv_package())) == set()
    assert changed(admin, workspace.ask(uv_package(), "packages/admin")) == {"dependencies"}


def test_what_is_only_for_another_platform_counts(workspace: LockedWorkspace) -> None:
    before = workspace.ask(uv_package())
    workspace.replace('name = "colorama"\nversion = "0.4.6"', 'name = "colorama"\nversion = "0.4.5"')
    assert changed(before, workspace.ask(uv_package())) == {"dependencies"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c4666eecec1d3f50960c6bdf61ab7bc350648da6c126e3cf6898d8cd4ddcd3de", "0" * 64),
        (
            'name = "sniffio"\nversion = "1.2.0"\nsource = { registry = "https://pypi.org/simple" }',
            'name = "sniffio"\nversion = "1.2.0"\nsource = { git = "https://example.org/sniffio#71d8" }',
        ),
    ],
)
def test_hashes_and_sources_count(workspace: LockedWorkspace, old: str, new: str) -> None:
    before = workspace.ask(uv_package())
    workspace.replace(old, new)
    assert changed(before, workspace.ask(uv_package())) == {"dependencies"}


def test_how_the_file_is_written_does_not_count(workspace: LockedWorkspace) -> None:
    before = workspace.ask(uv_package())
    head, *packages = workspace.lock_file.read_text().split("[[package]]\n")
    text = head.replace("revision = 5", "revision = 6") + "".join(f"[[package]]\n\n{one}\n" for one in packages[::-1])
    text = re.sub(r", size = \d+, upload-time = \"[^\"]+\"", "", text)
    assert text.count("upload-time") == 0
    workspace.lock_file.write_text("# written by hand\n" + text)
    assert changed(before, workspace.ask(uv_package())) == set()


def test_a_name_in_two_versions_counts_with_those_that_are_needed(groups: LockedWorkspace) -> None:
    before = groups.ask(uv_package(), "packages/one")
    groups.replace("011e24c64b7f47f6", "0000000000000000")
    second = groups.ask(uv_package(), "packages/one")
    assert changed(before, second) == {"dependencies"}
    groups.replace('{ name = "iniconfig", version = "1.1.1", source', '{ name = "iniconfig", version = "2.0.0", source')
    without = groups.ask(uv_package(), "packages/one")
    groups.replace("0000000000000000", "1111111111111111")
    assert changed(without, groups.ask(uv_package(), "packages/one")) == set(), "1.1.1 is needed no more"


def test_a_root_that_is_no_project_gives_its_groups_to_all_members(groups: LockedWorkspace) -> None:
    before = groups.ask(uv_package(), "packages/one")
    groups.replace('name = "six"\nversion = "1.15.0"', 'name = "six"\nversion = "1.16.0"')
    assert changed(before, groups.ask(uv_package(), "packages/one")) == {"workspace root"}


def test_at_a_root_that_is_no_project_all_members_count(groups: LockedWorkspace) -> None:
    before = groups.ask(uv_package(), ".")
    assert before.keys() == {"pyproject.toml", "dependencies"}
    groups.replace("011e24c64b7f47f6", "0000000000000000")
    assert changed(before, groups.ask(uv_package(), ".")) == {"dependencies"}


def test_a_project_that_is_not_locked_is_told(workspace: LockedWorkspace) -> None:
    apart = workspace.root / "apart"
    apart.mkdir()
    (apart / "pyproject.toml").write_text('[project]\nname = "apart"\n')
    with pytest.raises(ResolverError, match="does not hold the package in `apart`: run `uv lock` to add it"):
        found(uv_package(), apart, workspace.root)


def test_a_path_dependency_with_a_lock_file_of_its_own_goes_by_that(workspace: LockedWorkspace) -> None:
    lib = workspace.root / "vendored" / "lib"
    before = found(uv_package(), lib, workspace.root)
    assert before.keys() == {"pyproject.toml", "dependencies", "workspace root"}
    (lib / "uv.lock").write_text('version = 1\n\n[[package]]\nname = "lib"\nsource = { editable = "." }\n')
    own = found(uv_package(), lib, workspace.root)
    assert own.keys() == {"pyproject.toml", "dependencies"}
    workspace.change("path_bumped")
    assert found(uv_package(), lib, workspace.root) == own
