"""Every example of the documentation is run: all fenced blocks of README.md and of the pages in docs/guide.

What a page may hold:

    ```python   a pipeline, when it assigns `main`: written as pipeline.py into a new workspace and planned in every mode
                it has a command for; anything else is a program, run to its end, which has to be 0
    ```console  lines typed after `$ ` in the workspace of the block above (an empty one at the top of a page), each
                ending with 0 unless `# exits with 2` stands behind it, and what they print
    ```text     right below a program: what it prints
    ```sh       `make` and targets that exist

Anything else fails, but for text and blocks in the languages of others under a comment `not run`.

Durations, sizes, dates, ids and large numbers are not compared, nor are empty lines and the widths of columns. `…`
stands for anything, alone on a line for any number of lines. The workspace is called /home/me/shop.

Comments above a block are hidden from readers and say what it needs:

    <!-- files: src/a.txt package.json -->      these files exist; each holds its own name
    <!-- file: .venv/bin/docker                 this file exists, with this content; a script is executable. What is in
    #!/bin/sh                                   .venv/bin or node_modules/.bin stands in for a program of that name
    -->
    <!-- run: tui-runner run build -->          this is run too, and ends with 0 unless it says otherwise
    <!-- wrong: cycle unknown-task -->          planning finds these problems, in this order, and no others
    <!-- not run: the seed's own language -->   why a block is not run
"""

import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_page import DocError, Example, Step, examples_of, make_targets, step_of, steps_of
from doc_workspace import DocWorkspace, assert_same
from rig import carriers

from tui_runner.loading.loader import load_pipeline
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import ANY_MODE
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
EXAMPLES = [example for page in PAGES for example in examples_of(page)]


@pytest.fixture(autouse=True)
def _forgets_imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules beside one pipeline.py must not be found by the next one."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if not name.startswith("tui_runner"):
            del sys.modules[name]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[DocWorkspace]:
    token = f"docs-{uuid.uuid4().hex}"
    made = DocWorkspace(tmp_path, token)
    yield made
    left = carriers(token)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert left == {}, "an example that brings a system up has to take it down"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.head.place)
def test_an_example_does_what_its_page_says(example: Example, workspace: DocWorkspace) -> None:
    head = example.head
    workspace.prepare(head)
    match example.kind:
        case "pipeline":
            pipeline = load_pipeline(workspace.write_main("pipeline.py", head.text))
            assert problems_of(pipeline, workspace.root) == " ".join(head.told("wrong")).split()
        case "program":
            workspace.write_main("program.py", head.text)
            printed = workspace.python("program.py")
            if example.output is not None:
                assert_same(printed, example.output.text.splitlines(), head.place)
        case "console":
            pass
    for line in head.told("run"):
        workspace.type(step_of(line))
    for console in example.consoles:
        for step in steps_of(console):
            printed = workspace.type(step)
            if step.output is not None:
                assert_same(printed, step.output, f"{console.place}: `{step.command}`")


def problems_of(pipeline: Pipeline, root: Path) -> list[str]:
    """Plan in every mode; return the kinds of problems of the first mode that has any."""
    for mode in sorted(modes_of(pipeline)):
        plan = plan_pipeline(pipeline, PlanRequest(mode=mode, root=str(root)))
        if not isinstance(plan, Plan):
            return [problem.kind.value for problem in plan]
    return []


def modes_of(pipeline: Pipeline) -> set[str]:
    found = {"dev", "build"}
    for task in pipeline.tasks:
        found |= task.commands.keys()
        if task.inner is not None:
            found |= modes_of(task.inner)
    return found - {ANY_MODE}


@pytest.mark.parametrize("target", sorted({target for page in PAGES for target in make_targets(page)}))
def test_make_has_the_targets_that_pages_name(target: str) -> None:
    assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


# -- no block goes untested -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "```\nwhat is this?\n```\n",
        "```rust\nfn main() {}\n```\n",
        "```text\nprinted by nobody\n```\n",
        "```console\nno dollar\n```\n",
        "```sh\nrm -rf dist\n```\n",
        "```ts\nconst a = 1\n```\n",
        "- an item\n\n  ```python\n  main = 1\n  ```\n",
        "~~~python\nmain = 1\n~~~\n",
        "```python\nmain = 1\n",
        "<!-- file: a -->\n\nwords between\n\n```python\nmain = 1\n```\n",
        "<!-- run: true -->\n",
        "<!-- todo: more -->\n\n```python\nmain = 1\n```\n",
    ],
)
def test_a_block_that_would_not_be_tested_is_refused(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(DocError, match=r"page\.md"):
        read_all(page)


def read_all(page: Path) -> list[Step]:
    return [step for example in examples_of(page) for console in example.consoles for step in steps_of(console)]


def test_what_an_example_prints_is_compared() -> None:
    assert_same("a | done after 12 ms\n\nb\n", ["a    | done after 3.5 s", "b"], "it")
    assert_same("one\ntwo\nthree\n", ["…", "th…"], "it")
    with pytest.raises(AssertionError, match="instead of"):
        assert_same("a | done\nb\n", ["a | done"], "it")


@pytest.mark.parametrize("typed", ["exit 2", "exit 0 # exits with 2", "exit 3   # exits with 2"])
def test_how_a_line_ends_is_compared(workspace: DocWorkspace, typed: str) -> None:
    with pytest.raises(AssertionError, match="exits with"):
        workspace.type(step_of(typed))
    assert workspace.type(step_of("echo ended; exit 2   # exits with 2")) == "ended\n"
