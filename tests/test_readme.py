"""What the README says is true: its example plans, its picture and its links exist, its commands are commands."""

import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest

from tui_runner.loading.loader import load_pipeline
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def example() -> str:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("mode", ["dev", "build"])
def test_the_example_is_a_pipeline_that_plans(tmp_path: Path, mode: str) -> None:
    (tmp_path / "pipeline.py").write_text(example())

    plan = plan_pipeline(load_pipeline(tmp_path / "pipeline.py"), PlanRequest(mode=mode, root=str(tmp_path)))

    assert isinstance(plan, Plan)
    assert list(plan.tasks) == ["api", "migrate", "db"]


def test_the_example_has_at_most_twelve_lines() -> None:
    assert len(example().strip().splitlines()) <= 12


@pytest.mark.parametrize("document", ["README.md", "docs/architecture.md", "CHANGELOG.md"])
def test_links_lead_to_files_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]

    for link in links:
        assert ((ROOT / document).parent / urllib.parse.unquote(link)).exists(), link


def test_every_verb_of_the_readme_exists() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "tui_runner", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = set(re.findall(r"`tui-runner (\w+)", README)) | {"logs", "restart", "stop", "attach", "down"}

    assert verbs
    for verb in verbs:
        assert re.search(rf"^  {verb} ", help_text, re.MULTILINE), verb


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^make (\w+)", README, re.MULTILINE))

    assert targets == {"demo", "test"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in targets:
        assert f"\n{target}:" in makefile
