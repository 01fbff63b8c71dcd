"""npm: real lock files of versions 2 and 3."""

import json
from pathlib import Path

import pytest
from locked_workspace import LockedWorkspace, changed, found

from tui_runner import npm_package


@pytest.fixture(params=["npm_v2", "npm_v3"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace(request.param, tmp_path)


@pytest.fixture
def newest(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("npm_v3", tmp_path)


@pytest.mark.parametrize(
    "diff",
    [
        "alias_bumped",
        "direct_bumped",
        "file_bumped",
        "linked_bumped",
        "optional_bumped",
        "peer_bumped",
        "transitive_bumped",
    ],
)
def test_whatever_the_package_needs_counts(workspace: LockedWorkspace, diff: str) -> None:
    before = workspace.ask(npm_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(npm_package())) == {"dependencies"}


@pytest.mark.parametrize("diff", ["other_member_changed", "member_added"])
def test_other_members_do_not_count(workspace: LockedWorkspace, diff: str) -> None:
    before = workspace.ask(npm_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(npm_package())) == set()


def test_a_change_of_a_member_counts_for_the_member_itself(workspace: LockedWorkspace) -> None:
    before = workspace.ask(npm_package(), "packages/admin")
    workspace.change("other_member_changed")
    assert changed(before, workspace.ask(npm_package(), "packages/admin")) == {"dependencies"}


def test_tools_of_the_root_count_for_all_members_under_a_name_of_their_own(workspace: LockedWorkspace) -> None:
    before = workspace.ask(npm_package())
    workspace.change("root_bumped")
    assert changed(before, workspace.ask(npm_package())) == {"workspace root"}


def test_at_the_root_its_own_packages_count_and_those_of_members_do_not(workspace: LockedWorkspace) -> None:
    before = workspace.ask(npm_package(), ".")
    assert before.keys() == {"package.json", "dependencies"}
    workspace.change("direct_bumped")
    assert changed(before, workspace.ask(npm_package(), ".")) == set()
    workspace.change("root_bumped")
    assert changed(before, workspace.ask(npm_package(), ".")) == {"dependencies"}


def test_how_the_file_is_written_does_not_count(workspace: LockedWorkspace) -> None:
    before = workspace.ask(npm_package())
    content = json.loads(workspace.lock_file.read_bytes())
    content["packages"] = {
        place: dict(reversed(package.items())) for place, package in reversed(content["packages"].items())
    }
    workspace.lock_file.write_text("\ufeff" + json.dumps(content, indent=7))
    assert changed(before, workspace.ask(npm_package())) == set()


def test_upgrading_the_format_alone_does_not_count(tmp_path: Path) -> None:
    older = LockedWorkspace("npm_v2", tmp_path / "older")
    newer = LockedWorkspace("npm_v3", tmp_path / "newer")
    assert changed(older.ask(npm_package()), newer.ask(npm_package())) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sha512-42h1d25nW6G", "sha512-42h1d25nW6H"),
        ("https://registry.npmjs.org/wrappy/", "https://registry.npmjs.org/wrappy2/"),
        (
            '"resolved": "https://registry.npmjs.org/wrappy/-/wrappy-1.0.1.tgz"',
            '"resolved": "git+ssh://git@example.org/wrappy.git#71d8a1"',
        ),
    ],
)
def test_integrity_and_origin_count(newest: LockedWorkspace, old: str, new: str) -> None:
    before = newest.ask(npm_package())
    newest.replace(old, new)
    assert changed(before, newest.ask(npm_package())) == {"dependencies"}


def test_another_commit_of_a_git_dependency_counts(newest: LockedWorkspace) -> None:
    newest.replace("https://registry.npmjs.org/wrappy/-/wrappy-1.0.1.tgz", "git+ssh://git@example.org/wrappy.git#71d8")
    before = newest.ask(npm_package())
    newest.replace("wrappy.git#71d8", "wrappy.git#a3f0")
    assert changed(before, newest.ask(npm_package())) == {"dependencies"}


def test_a_peer_is_the_one_that_node_would_find(newest: LockedWorkspace) -> None:
    # `use-sync-external-store` lies at the top, beside React 17; the package itself has React 18 below it.
    before = newest.ask(npm_package())
    newest.replace("sha512-gnhPt75i/dq", "sha512-gnhPt75i/xx")
    assert changed(before, newest.ask(npm_package())) == {"dependencies"}


def test_a_shrinkwrap_file_goes_before_the_lock_file(newest: LockedWorkspace) -> None:
    before = newest.ask(npm_package())
    shrinkwrap = newest.root / "npm-shrinkwrap.json"
    shrinkwrap.write_text(newest.lock_file.read_text().replace('"version": "1.0.1"', '"version": "1.0.9"'))
    newest.lock_file.write_text("no longer read")
    assert changed(before, newest.ask(npm_package())) == {"dependencies"}


def test_the_manifest_is_a_file_of_the_package(newest: LockedWorkspace) -> None:
    assert newest.ask(npm_package()).keys() == {"package.json", "dependencies", "workspace root"}
    below = newest.root / "packages" / "web" / "src"
    below.mkdir()
    assert str(below.parent / "package.json") in found(npm_package(), below, newest.root)
