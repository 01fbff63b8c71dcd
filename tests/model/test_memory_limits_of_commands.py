"""How much memory a command may use, as users write it."""

import pytest

from tui_runner import command
from tui_runner.model.memory_limit import MemoryAction, MemoryLimit


@pytest.mark.parametrize(
    ("most", "size"), [("512MB", 512_000_000), ("2 GiB", 2 << 30), (1_000_000, 1_000_000), ("1048576", 1 << 20)]
)
def test_a_limit_is_bytes_or_a_text(most: str | int, size: int) -> None:
    assert command("x", max_memory=most).memory == MemoryLimit(most=size, action=MemoryAction.WARN)


def test_a_limit_may_restart_and_without_one_there_is_none() -> None:
    assert command("x", max_memory="1GB", on_memory="restart").memory == MemoryLimit(
        most=1_000_000_000, action=MemoryAction.RESTART
    )
    assert command("x").memory is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_memory": "lots"}, "`max_memory`: `lots` is not a size"),
        ({"max_memory": "0MB"}, "must be more than '0MB'"),
        ({"max_memory": -5}, "must be more than -5"),
        ({"max_memory": True}, "True is not a size"),
        ({"max_memory": 1.5}, "1.5 is not a size"),
        ({"max_memory": "1GB", "on_memory": "kill"}, "on_memory must be one of warn, restart, not 'kill'"),
        ({"on_memory": "restart"}, "nothing says how much is too much"),
    ],
)
def test_what_makes_no_sense_is_a_problem(options: dict[str, object], words: str) -> None:
    made = command("x", **options)  # type: ignore[arg-type]  # wrong on purpose
    assert made.memory is None
    assert [words in problem.message for problem in made.problems] == [True]
