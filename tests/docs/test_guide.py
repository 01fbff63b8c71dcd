"""The guide is whole: every option, verb, callback and statistic is in it, and its links lead somewhere."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tui_runner
from tui_runner.cli.verb import VERBS
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.result import CacheStats, RunStats, Summary, TaskStats
from tui_runner.model.run_callbacks import RunCallbacks

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
FUNCTIONS = [getattr(tui_runner, name) for name in tui_runner.__all__ if name.islower()]


@pytest.fixture(scope="module")
def guide() -> str:
    return "".join(page.read_text(encoding="utf-8") for page in PAGES if page.parent.name == "guide")


def options_of(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]


@pytest.mark.parametrize("function", [*FUNCTIONS, Pipeline.run, Pipeline.run_sync, Pipeline.to_task])
def test_every_function_is_in_the_guide_with_all_its_options(guide: str, function: Callable[..., Any]) -> None:
    assert re.search(rf"\b{function.__name__}\(", guide)
    missing = [name for name in options_of(function) if not re.search(rf"\b{name}=|`{name}`", guide)]
    assert missing == []


@pytest.mark.parametrize(
    "names",
    [
        [*VERBS],
        [code.value for code in ErrorCode],
        [*RunCallbacks.__optional_keys__],
        [*TaskStats.__struct_fields__],
        [*RunStats.__struct_fields__],
        [*Summary.__struct_fields__],
        [*CacheStats.__struct_fields__],
    ],
    ids=["verbs", "error codes", "callbacks", "tasks", "runs", "summary", "cache"],
)
def test_every_name_that_users_meet_is_in_the_guide(guide: str, names: list[str]) -> None:
    assert [name for name in names if not re.search(rf"\b{name}\b", guide)] == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "guide" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs" / "guide").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_pages_and_headings_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert "://" in link or target.exists(), link
        assert not heading or heading in headings_of(target), link


def headings_of(page: Path) -> set[str]:
    """Return the anchors that headings get."""
    words = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in words}
