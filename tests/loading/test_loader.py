"""Importing pipeline.py and picking the pipeline in it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.loader import load_pipeline
from tui_runner.loading.template import TEMPLATE
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def clean_imports() -> Iterator[None]:
    """Loading changes the search path on purpose; tests must not see each other's modules."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(source: str, name: str = "pipeline.py") -> Path:
        file = tmp_path / name
        file.write_text(dedent(source), encoding="utf-8")
        return file

    return write_file


def refusal(file: Path) -> Problem:
    with pytest.raises(DefinitionError) as caught:
        load_pipeline(file)
    (problem,) = caught.value.problems
    return problem


LOAD = """
import sys
from pathlib import Path
from tui_runner.loading.loader import load_pipeline
print("before")
print(load_pipeline(Path(sys.argv[1])).name)
"""


def load_elsewhere(file: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", LOAD, str(file)], capture_output=True, text=True, check=True)


def test_the_variable_main_is_the_pipeline(write: Write) -> None:
    file = write("""
        from tui_runner import pipeline
        other = pipeline([], name="other")
        main = pipeline([], name="this")
    """)
    assert load_pipeline(file).name == "this"


def test_the_only_pipeline_needs_no_special_name(write: Write) -> None:
    file = write("""
        from tui_runner import pipeline
        def main(): ...
        everything = also = pipeline([], name="this")
    """)
    assert load_pipeline(file).name == "this"


def test_several_pipelines_without_main_are_listed(write: Write) -> None:
    problem = refusal(write("from tui_runner import pipeline\na = pipeline([])\nb = pipeline([])\n"))
    assert problem.kind is ProblemKind.AMBIGUOUS_PIPELINE
    assert problem.message == "`pipeline.py` holds 2 pipelines and none is called `main`: `a`, `b`"
    assert [(words, site.line) for words, site in problem.related] == [("`a`", 2), ("`b`", 3)]


def test_a_file_without_pipeline_is_told_how_to_end(write: Write) -> None:
    problem = refusal(write('from tui_runner import task\nweb = task("web", run="x")\ndb = task("db", run="x")\n'))
    assert problem.kind is ProblemKind.NO_PIPELINE
    assert problem.help == "end it with `main = pipeline([web, db])`"


def test_definitions_know_the_line_they_stand_on(write: Write) -> None:
    file = write('from tui_runner import pipeline, task\n\nmain = pipeline([task("a", run="x")])\n')
    (task,) = load_pipeline(file).tasks
    assert (task.site.file, task.site.line) == (str(file), 3)


def test_a_users_own_modules_win_even_over_ours_of_the_same_name(write: Write, tmp_path: Path) -> None:
    write("NAME = 'mine'\n", "widgets.py")
    file = write("import widgets\nfrom tui_runner import pipeline\nmain = pipeline([], name=widgets.NAME)\n")
    # In a process of its own: here other tests may have imported our widgets already.
    assert load_elsewhere(file).stdout == "before\nmine\n"
    assert not list((tmp_path / "__pycache__").glob("pipeline.*"))


def test_what_the_file_and_its_children_print_stays_out_of_stdout(write: Write) -> None:
    file = write("""
        import os, subprocess, sys
        from tui_runner import pipeline
        print("from print")
        sys.stdout.write("from write\\n")
        os.system("echo from shell")
        subprocess.run(["echo", "from child"])
        main = pipeline([], name="data")
    """)
    done = load_elsewhere(file)
    assert done.stdout == "before\ndata\n"
    assert sorted(done.stderr.splitlines()) == ["from child", "from print", "from shell", "from write"]


def test_what_the_file_prints_cannot_steer_the_terminal(write: Write) -> None:
    file = write(r"""
        import logging, sys, warnings
        from tui_runner import pipeline
        logging.basicConfig(format="%(message)s")
        print("\033]0;evil\007title")
        print("\033[31mred\033[0m and", end=" ")
        print("\033[2Jclear\b\x9b1A", file=sys.stderr)
        sys.stdout.buffer.write("caf\u00e9 \033[".encode())
        sys.stdout.buffer.write(b"1mbold\xff\n")
        logging.warning("log\033[H")
        print("half \udce9", end="")
        main = pipeline([], name="data")
    """)
    done = load_elsewhere(file)
    assert done.stderr.splitlines() == ["title", "red and clear??1A", "café bold\ufffd", "log", "half ?"]


def test_a_stream_of_the_load_that_somebody_keeps_still_works_afterwards(write: Write) -> None:
    file = write(r"""
        import atexit, logging, os, sys
        from tui_runner import pipeline
        logging.basicConfig(format="%(message)s")
        atexit.register(logging.warning, "last\033[H")
        os.write(sys.stdout.fileno(), b"descriptor\n")
        main = pipeline([], name=f"{sys.stdout.isatty()}")
    """)
    done = load_elsewhere(file)
    assert done.stdout == "before\nFalse\n"
    assert done.stderr.splitlines() == ["descriptor", "last"]


def test_an_exception_is_told_with_the_users_own_frames_only(write: Write) -> None:
    write(
        """
        import json

        def parse(secret):
            return json.loads(secret)
        """,
        "helper.py",
    )
    file = write("import helper\n\nsettings = helper.parse('hunter2')\n")
    problem = refusal(file)
    assert problem.kind is ProblemKind.LOAD_FAILED
    assert problem.message.splitlines()[:3] == [
        "`pipeline.py` could not be loaded: json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
        "  pipeline.py:3 in <module>",
        "  helper.py:5 in parse",
    ]
    assert "hunter2" not in problem.message
    assert problem.site is not None
    assert (problem.site.file, problem.site.line) == (str(file.parent / "helper.py"), 5)


def test_a_wrong_call_of_a_factory_points_at_the_users_line(write: Write) -> None:
    problem = refusal(write("from tui_runner import retry\n\nretry(attempts=0)\n"))
    assert problem.message.endswith("not 0\n  pipeline.py:3 in <module>")
    assert problem.site is not None
    assert problem.site.line == 3


def test_a_syntax_error_is_told_with_its_line_in_whatever_file_it_is(write: Write) -> None:
    problem = refusal(write("x = 1\ny = = 2\n"))
    assert problem.message == "`pipeline.py` could not be loaded: SyntaxError: invalid syntax"
    assert problem.site is not None
    assert problem.site.line == 2
    write("def f(:\n", "broken.py")
    problem = refusal(write("import broken\n"))
    assert problem.site is not None
    assert problem.site.file.endswith("broken.py")
    assert problem.message.endswith("\n  pipeline.py:1 in <module>")


def test_a_file_that_exits_does_not_take_us_along(write: Write) -> None:
    problem = refusal(write("import sys\nsys.exit(7)\n"))
    assert problem.message == "`pipeline.py` could not be loaded: it called sys.exit(7)\n  pipeline.py:2 in <module>"


def test_a_misspelt_argument_is_told_with_the_one_that_was_meant(write: Write) -> None:
    problem = refusal(write("from tui_runner import command\ncommand('x', redy_when='up')\n"))
    assert problem.help == "did you mean `ready_when`?"


def test_a_missing_module_is_told_with_the_python_it_is_missing_in(write: Write) -> None:
    problem = refusal(write("import no_such_module_anywhere\n"))
    assert problem.help == f"install `no_such_module_anywhere` for {sys.executable}, or correct the import"


def test_an_exception_that_cannot_be_printed_is_told_all_the_same(write: Write) -> None:
    problem = refusal(
        write("""
        class Evil(Exception):
            def __str__(self):
                raise RuntimeError
        raise Evil
        """)
    )
    assert "Evil: <exception str() failed>" in problem.message


def test_endless_recursion_is_told_in_a_few_lines(write: Write) -> None:
    problem = refusal(write("def f():\n    f()\nf()\n"))
    assert "more calls)" in problem.message
    assert len(problem.message.splitlines()) < 20


def test_a_file_that_cannot_be_read_as_text_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.py"
    file.write_bytes(b"\xff\xfe\x00")
    assert refusal(file).kind is ProblemKind.LOAD_FAILED
    file.unlink()
    assert "No such file" in refusal(file).message


def test_an_edited_file_is_read_again_even_within_one_second(write: Write) -> None:
    assert load_pipeline(write("from tui_runner import pipeline\nmain = pipeline([], name='a')\n")).name == "a"
    assert load_pipeline(write("from tui_runner import pipeline\nmain = pipeline([], name='b')\n")).name == "b"


def test_a_failed_load_leaves_the_search_path_as_it_was(write: Write) -> None:
    before = list(sys.path)
    refusal(write("1 / 0\n"))
    assert sys.path == before


def test_the_file_may_define_dataclasses_and_import_siblings_late(write: Write) -> None:
    write("LIMIT = 3\n", "sibling.py")
    file = write("""
        from __future__ import annotations
        from dataclasses import dataclass
        from typing import ClassVar
        from tui_runner import pipeline

        @dataclass
        class Settings:
            kind: ClassVar[str] = "x"
            port: int = 1

        def limit(mode):
            import sibling
            return sibling.LIMIT

        main = pipeline([pipeline([]).to_task("p", max_concurrency=limit)])
    """)
    plan = plan_pipeline(load_pipeline(file), PlanRequest(mode="dev", root=str(file.parent)))
    assert isinstance(plan, Plan)
    assert plan.tasks["p"].concurrency == 3


def test_the_template_loads_and_plans_in_both_modes(write: Write, tmp_path: Path) -> None:
    loaded = load_pipeline(write(TEMPLATE))
    for mode in ("dev", "build"):
        plan = plan_pipeline(loaded, PlanRequest(mode=mode, root=str(tmp_path), strict=False))
        assert isinstance(plan, Plan)
        assert list(plan.tasks) == ["database", "assets", "web"]
