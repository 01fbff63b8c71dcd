"""Whose size of a terminal counts, and who may type into it."""

from typing import TYPE_CHECKING

import pytest
from control_steps import until_asked

from tui_runner.control.protocol import Input, Resize

if TYPE_CHECKING:
    from tests.control.conftest import Setup


async def test_what_a_person_types_reaches_the_task_from_any_client(setup: "Setup") -> None:
    for data in (b"one", b"two"):
        guest = await setup.guest()
        await guest.send(Input(task="db", data=data))
        await until_asked(setup, "type", "db", data.decode())


async def test_a_terminal_has_the_size_of_whoever_works_with_it(setup: "Setup") -> None:
    first, second = await setup.guest(), await setup.guest()
    await first.send(Resize(task="db", rows=20, columns=60))
    await until_asked(setup, "resize", "db", "60x20")
    await second.send(Resize(task="db", rows=30, columns=100))  # it only looks
    await second.send(Resize(task="db", rows=31, columns=101, claim=True))
    await until_asked(setup, "resize", "db", "101x31")
    await first.send(Resize(task="db", rows=21, columns=61))  # it was taken over
    await first.send(Input(task="db", data=b"end"))
    await until_asked(setup, "type", "db", "end")
    assert setup.run.asked == [("resize", "db", "60x20"), ("resize", "db", "101x31"), ("type", "db", "end")]


async def test_only_the_client_that_has_the_terminal_answers_for_it(setup: "Setup") -> None:
    first, second = await setup.guest(), await setup.guest()
    await first.send(Resize(task="db", rows=20, columns=60))
    await until_asked(setup, "resize", "db", "60x20")
    await second.send(Input(task="db", data=b"answer of the second", answer=True))
    await second.send(Input(task="db", data=b"second"))
    await until_asked(setup, "type", "db", "second")
    await first.send(Input(task="db", data=b"answer of the first", answer=True))
    await until_asked(setup, "type", "db", "answer of the first")
    assert ("type", "db", "answer of the second") not in setup.run.asked


async def test_a_terminal_whose_client_is_gone_can_be_had(setup: "Setup") -> None:
    first, second = await setup.guest(), await setup.guest()
    await first.send(Resize(task="db", rows=20, columns=60, claim=True))
    await until_asked(setup, "resize", "db", "60x20")
    first.sock.close()
    while ("resize", "db", "100x30") not in setup.run.asked:
        await second.send(Resize(task="db", rows=30, columns=100))
        await second.send(Input(task="db", data=b"."))
        await until_asked(setup, "type", "db", ".")
        setup.run.asked.remove(("type", "db", "."))


@pytest.mark.parametrize(("rows", "columns", "shown"), [(0, -5, "1x1"), (1 << 40, 80, "80x1000")])
async def test_a_size_nobody_has_is_brought_within_bounds(setup: "Setup", rows: int, columns: int, shown: str) -> None:
    guest = await setup.guest()
    await guest.send(Resize(task="db", rows=rows, columns=columns))
    await until_asked(setup, "resize", "db", shown)


async def test_typing_into_a_task_that_does_not_exist_ends_the_client(setup: "Setup") -> None:
    guest = await setup.guest()
    await guest.send(Input(task="nobody", data=b"x"))
    assert "no task `nobody`" in str(await guest.receive_until_eof())
