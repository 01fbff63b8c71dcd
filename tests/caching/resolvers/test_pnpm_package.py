"""pnpm: real lock files of versions 6.0 and 9.0, of workspaces and single packages."""

import shutil
from pathlib import Path
from typing import cast

import pytest
import yaml
from locked_workspace import LOCK_FILES, LockedWorkspace, changed, found

from tui_runner import pnpm_package
from tui_runner.caching.resolvers.pnpm import Scope
from tui_runner.caching.resolvers.pnpm_lock import package_name, without_peers
from tui_runner.caching.resolvers.resolver_error import ResolverError


@pytest.fixture(params=["pnpm_v6", "pnpm_v9"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace(request.param, tmp_path)


@pytest.fixture
def features(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("pnpm_features", tmp_path)


@pytest.fixture
def single(tmp_path: Path) -> LockedWorkspace:
    return LockedWorkspace("pnpm_v6_single", tmp_path)


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
    before = workspace.ask(pnpm_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(pnpm_package())) == {"dependencies"}


@pytest.mark.parametrize("diff", ["other_member_changed", "member_added"])
def test_other_members_do_not_count(workspace: LockedWorkspace, diff: str) -> None:
    before = workspace.ask(pnpm_package())
    workspace.change(diff)
    assert changed(before, workspace.ask(pnpm_package())) == set()


def test_a_change_of_a_member_counts_for_the_member_itself(workspace: LockedWorkspace) -> None:
    before = workspace.ask(pnpm_package(), "packages/admin")
    workspace.change("other_member_changed")
    assert changed(before, workspace.ask(pnpm_package(), "packages/admin")) == {"dependencies"}


def test_tools_of_the_root_count_for_all_members_under_a_name_of_their_own(workspace: LockedWorkspace) -> None:
    before = workspace.ask(pnpm_package())
    workspace.change("root_bumped")
    assert changed(before, workspace.ask(pnpm_package())) == {"workspace root"}


def test_how_the_file_is_written_does_not_count(workspace: LockedWorkspace) -> None:
    before = workspace.ask(pnpm_package())
    content = yaml.load(workspace.lock_file.read_bytes(), Loader=yaml.BaseLoader)
    content = dict(reversed(content.items()))
    content["packages"] = dict(reversed(content["packages"].items()))
    workspace.lock_file.write_text(yaml.safe_dump(content, sort_keys=False, default_style='"', indent=7))
    assert changed(before, workspace.ask(pnpm_package())) == set()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sha512-42h1d25nW6G", "sha512-42h1d25nW6H"),
        ("{integrity: sha512-42h1d", "{tarball: https://example.org/wrappy.tgz, integrity: sha512-42h1d"),
    ],
)
def test_integrity_and_origin_count(workspace: LockedWorkspace, old: str, new: str) -> None:
    before = workspace.ask(pnpm_package())
    workspace.replace(old, new)
    assert changed(before, workspace.ask(pnpm_package())) == {"dependencies"}


def test_another_commit_of_a_git_dependency_counts(workspace: LockedWorkspace) -> None:
    at = "https://codeload.github.com/o/wrappy/tar.gz/"
    key = f"wrappy@{at}" if workspace.name == "pnpm_v9" else at.removeprefix("https://")
    workspace.replace("wrappy: 1.0.1", f"wrappy: {key.removeprefix('wrappy@')}71d8")
    workspace.replace("/wrappy@1.0.1:" if workspace.name == "pnpm_v6" else "wrappy@1.0.1:", f"{key}71d8:")
    before = workspace.ask(pnpm_package())
    workspace.replace("71d8", "a3f0")
    assert changed(before, workspace.ask(pnpm_package())) == {"dependencies"}


def test_what_looks_like_a_number_is_a_version(single: LockedWorkspace) -> None:
    single.replace("wrappy: 1.0.1", "wrappy: 1.1")
    single.replace("/wrappy@1.0.1:", "/wrappy@1.1:")
    before = single.ask(pnpm_package(), ".")
    single.replace("wrappy: 1.1", "wrappy: 1.10")
    single.replace("/wrappy@1.1:", "/wrappy@1.10:")
    assert changed(before, single.ask(pnpm_package(), ".")) == {"dependencies"}


def test_a_member_installed_as_a_copy_counts_with_its_peers(features: LockedWorkspace) -> None:
    before = features.ask(pnpm_package(), "packages/app")
    features.replace("use-sync-external-store: 1.2.0(react@17.0.2)", "use-sync-external-store: 1.2.0(react@18.2.0)")
    assert changed(before, features.ask(pnpm_package(), "packages/app")) == {"dependencies"}


def test_a_member_installed_as_a_copy_counts_with_all_it_declares(features: LockedWorkspace) -> None:
    before = features.ask(pnpm_package(), "packages/app")
    features.replace(
        "    devDependencies:\n      react:\n",
        "    devDependencies:\n      once:\n        specifier: 1\n        version: 1.4.0\n      react:\n",
    )
    assert changed(before, features.ask(pnpm_package(), "packages/app")) == {"dependencies"}


def test_catalogs_count_where_they_are_used(features: LockedWorkspace) -> None:
    before = {member: features.ask(pnpm_package(), f"packages/{member}") for member in ("app", "other")}
    features.replace("    once:\n      specifier: 1.4.0", "    once:\n      specifier: ^1.4.0")
    after = {member: features.ask(pnpm_package(), f"packages/{member}") for member in ("app", "other")}
    assert changed(before["app"], after["app"]) == {"dependencies"}
    assert changed(before["other"], after["other"]) == set()


@pytest.mark.parametrize(
    ("old", "new", "concerned"),
    [
        ("  wrappy: 1.0.1\n  color-name", "  wrappy: ^1.0.1\n  color-name", "app"),
        ("  wrappy: 1.0.1\n  color-name", "  once@<2>wrappy@>=1: 1.0.1\n  color-name", "app"),
        ("  color-name: 1.1.3\n\npatched", "  color-name: ~1.1.3\n\npatched", "other"),
        ("  is-odd@3.0.0: 8b9bf9d6", "  is-odd@3.0.0: 99999999", "app"),
    ],
)
def test_overrides_and_patches_count_for_those_who_need_the_package(
    features: LockedWorkspace, old: str, new: str, concerned: str
) -> None:
    before = {member: features.ask(pnpm_package(), f"packages/{member}") for member in ("app", "other")}
    features.replace(old, new)
    after = {member: features.ask(pnpm_package(), f"packages/{member}") for member in ("app", "other")}
    assert {member for member in before if changed(before[member], after[member])} == {concerned}


def test_the_document_about_pnpm_itself_does_not_count(features: LockedWorkspace) -> None:
    before = features.ask(pnpm_package(), "packages/app")
    content = features.lock_file.read_text()
    features.lock_file.write_text(content[content.index("---\n", 4) :])
    assert changed(before, features.ask(pnpm_package(), "packages/app")) == set()


def test_a_link_to_outside_the_workspace_counts_by_its_path(workspace: LockedWorkspace) -> None:
    workspace.replace("link:../shared", "link:../../../elsewhere")
    before = workspace.ask(pnpm_package())
    workspace.replace("link:../../../elsewhere", "link:../../../anywhere")
    assert changed(before, workspace.ask(pnpm_package())) == {"dependencies"}


def test_members_that_need_each_other_end_in_no_loop(workspace: LockedWorkspace) -> None:
    workspace.replace(
        "      is-odd:\n        specifier: 3.0.0\n        version: 3.0.0\n",
        "      web:\n        specifier: workspace:*\n        version: link:../web\n",
    )
    web = workspace.ask(pnpm_package())
    shared = workspace.ask(pnpm_package(), "packages/shared")
    assert web["dependencies"] == shared["dependencies"]


def test_a_single_package_needs_no_workspace(single: LockedWorkspace) -> None:
    before = single.ask(pnpm_package(), ".")
    assert before.keys() == {"package.json", "dependencies"}
    assert single.ask(pnpm_package("local"), ".") == before
    single.replace("wrappy@1.0.1", "wrappy@1.0.2")
    single.replace("wrappy: 1.0.1", "wrappy: 1.0.2")
    assert changed(before, single.ask(pnpm_package(), ".")) == {"dependencies"}


def test_the_scope_says_which_lock_file_is_meant(workspace: LockedWorkspace) -> None:
    web = workspace.root / "packages" / "web"
    shared = workspace.ask(pnpm_package("workspace"))
    assert workspace.ask(pnpm_package()) == shared
    with pytest.raises(ResolverError, match=r"has no `pnpm-lock\.yaml`: run `pnpm install --lockfile-only`"):
        workspace.ask(pnpm_package("local"))
    shutil.copy(LOCK_FILES / "pnpm_v6_single" / "base" / "pnpm-lock.yaml", web)
    own = workspace.ask(pnpm_package("local"))
    assert own.keys() == {"package.json", "dependencies"}
    assert own["dependencies"] != shared["dependencies"]
    assert workspace.ask(pnpm_package()) == shared, "pnpm does not use a lock file left behind in a member"


def test_a_package_the_workspace_does_not_know_has_a_lock_file_of_its_own(workspace: LockedWorkspace) -> None:
    apart = workspace.root / "apart"
    shutil.copytree(LOCK_FILES / "pnpm_v6_single" / "base", apart)
    assert found(pnpm_package(), apart, workspace.root) == workspace.ask(pnpm_package("local"), "apart")


def test_the_scope_of_a_workspace_needs_one(single: LockedWorkspace) -> None:
    with pytest.raises(ResolverError, match=r"is in no workspace: there is no `pnpm-workspace\.yaml` up to"):
        single.ask(pnpm_package("workspace"), ".")


def test_a_wrong_scope_is_told_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="not 'global'"):
        pnpm_package(cast("Scope", "global"))


@pytest.mark.parametrize(
    ("key", "bare"),
    [
        ("a@1.0.0", "a@1.0.0"),
        ("a@1.0.0(b@2.0.0)(c@3.0.0(d@4.0.0))", "a@1.0.0"),
        ("lib@file:(group)/lib(react@18.2.0)", "lib@file:(group)/lib"),
        ("a@1)", "a@1)"),
        ("", ""),
    ],
)
def test_peers_stand_in_parentheses_behind_the_package(key: str, bare: str) -> None:
    assert without_peers(key) == bare


@pytest.mark.parametrize(
    ("selector", "name"),
    [("a", "a"), ("a@^1", "a"), ("@s/a", "@s/a"), ("@s/a@>=1 <2", "@s/a"), ("/@s/a@1.0.0", "@s/a")],
)
def test_names_are_what_stands_before_the_version(selector: str, name: str) -> None:
    assert package_name(selector) == name
