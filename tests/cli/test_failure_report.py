"""What is told of a failed task after a run without a screen."""

import re
import shlex

import pytest
from live_workspace import Workspace

pytestmark = pytest.mark.real

BODY = 'main = pipeline([task("shop it", run="exit 3"), task("-rf", run="exit 4")])'


def again(err: str) -> str:
    """Return the command that the report offers."""
    found = re.search(r"^  again +(.*)$", err, re.MULTILINE)
    assert found is not None, err
    return found[1]


@pytest.mark.parametrize(
    ("place", "target", "expected"),
    [
        ((), "shop it", "tui-runner run 'shop it'"),
        (("-C", "a b"), "shop it", "tui-runner run 'shop it' -C 'a b'"),
        (("-f", "other.py"), "shop it", "tui-runner run 'shop it' -f other.py"),
        (("-C", "a b", "--file", "other.py", "-m", "dev"), "-rf", "tui-runner run -C 'a b' -f other.py --mode dev -- -rf"),
    ],
)  # fmt: skip
def test_what_it_offers_to_run_again_can_be_pasted(
    workspace: Workspace, place: tuple[str, ...], target: str, expected: str
) -> None:
    (workspace.root / "a b").mkdir()
    workspace.write(BODY)
    for name in ("other.py", "a b/pipeline.py", "a b/other.py"):
        (workspace.root / name).write_text((workspace.root / "pipeline.py").read_text())
    if place:
        (workspace.root / "pipeline.py").write_text("raise SystemExit('the wrong file')")
    first = workspace.cli("run", *place, "--", target, code=1)
    assert again(first.err) == expected
    words = shlex.split(expected)
    assert again(workspace.cli(*words[1:], code=1).err) == expected


def test_what_it_offers_to_run_again_is_as_strict_as_the_run_was(workspace: Workspace) -> None:
    workspace.write('main = pipeline([task("api", commands={"dev": "true"})])')
    failed = workspace.cli("run", "--strict", "api", code=1)
    assert again(failed.err) == "tui-runner run api --strict"
    assert again(workspace.cli("run", "api", "--strict", code=1).err) == again(failed.err)
