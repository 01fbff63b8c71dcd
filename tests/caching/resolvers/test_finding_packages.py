"""Where manifest and lock file are looked for."""

import shutil
from pathlib import Path

import pytest
from locked_workspace import LockedWorkspace, changed, found, resolve

from tui_runner import VirtualInput, npm_package
from tui_runner.caching.resolvers.resolver_error import ResolverError

SINGLE = '{"lockfileVersion": 3, "packages": {"": {"name": "own"}}}'


@pytest.fixture
def workspace(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("npm_v3", tmp_path / "repository")


def test_a_pipeline_in_a_sub_directory_finds_the_lock_file_of_its_repository(workspace: LockedWorkspace) -> None:
    web = workspace.root / "packages" / "web"
    with pytest.raises(ResolverError, match=r"web` has no `package-lock\.json`: run"):
        found(npm_package(), web, web)
    (workspace.root / ".git").mkdir()
    assert found(npm_package(), web, web) == workspace.ask(npm_package())


def test_nothing_above_the_repository_is_looked_at(workspace: LockedWorkspace) -> None:
    apart = workspace.root / "packages" / "web"
    (apart / ".git").write_text("gitdir: elsewhere")  # as in a submodule
    with pytest.raises(ResolverError, match=r"web` has no `package-lock\.json`: run"):
        found(npm_package(), apart, apart)
    assert workspace.ask(npm_package()), "a repository within the root of the run does not end the way up to it"


def test_a_task_outside_the_root_is_looked_for_in_its_own_repository(
    workspace: LockedWorkspace, tmp_path: Path
) -> None:
    root = tmp_path / "elsewhere"
    root.mkdir()
    with pytest.raises(ResolverError, match=r"web` has no `package-lock\.json`: run"):
        found(npm_package(), workspace.root / "packages" / "web", root)
    (workspace.root / ".git").mkdir()
    assert found(npm_package(), workspace.root / "packages" / "web", root) == workspace.ask(npm_package())


def test_a_package_reached_through_a_link_is_the_package_itself(workspace: LockedWorkspace) -> None:
    (workspace.root / "short").symlink_to("packages/web")
    assert workspace.ask(npm_package(), "short") == workspace.ask(npm_package())


def test_a_lock_file_left_behind_in_a_member_is_not_the_one_npm_uses(workspace: LockedWorkspace) -> None:
    before = workspace.ask(npm_package())
    (workspace.root / "packages" / "web" / "package-lock.json").write_text(SINGLE)
    assert workspace.ask(npm_package()) == before


def test_a_package_that_is_no_member_goes_by_its_own_lock_file(workspace: LockedWorkspace) -> None:
    apart = workspace.root / "apart"
    apart.mkdir()
    (apart / "package.json").write_text("{}")
    (apart / "package-lock.json").write_text(SINGLE)
    before = found(npm_package(), apart, workspace.root)
    assert before.keys() == {"package.json", "dependencies"}
    workspace.change("transitive_bumped")
    assert found(npm_package(), apart, workspace.root) == before
    workspace.lock_file.write_text("broken, which is none of its business")
    assert found(npm_package(), apart, workspace.root) == before


def test_two_checkouts_of_one_workspace_have_the_same_inputs(workspace: LockedWorkspace, tmp_path: Path) -> None:
    shutil.copytree(workspace.root, tmp_path / "another")
    another = found(npm_package(), tmp_path / "another" / "packages" / "web", tmp_path / "another")
    assert changed(workspace.ask(npm_package()), another) == set()


def test_people_are_told_how_many_packages_of_which_file(workspace: LockedWorkspace) -> None:
    inputs = resolve(npm_package(), workspace.root / "packages" / "web", workspace.root)
    described = {one.kind: one.description for one in inputs if isinstance(one, VirtualInput)}
    assert described["dependencies"].startswith("19 packages of package-lock.json, ")
    assert described["workspace root"].startswith("2 packages of package-lock.json, ")
