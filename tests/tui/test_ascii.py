"""Terminals without Unicode: nothing of ours is anything else than ASCII, on any screen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Backoff, Failed, Failure, Pending, Ready, Running
from tui_runner.tui.ascii_signs import AsciiSigns, speaks_unicode

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3)


def a_shop(peer: "Peer") -> None:
    peer.add("web", Pending(blocked_by="api"), "api", description="the shop window")
    peer.add("api", Failed(failure=FAILURE), "db", cache="nothing is known of it yet")
    peer.add("db", Ready(attempt=1, pid=2))
    peer.add("mail", Running(attempt=1, pid=3), "db")
    peer.add("slow", Backoff(attempt=2, delay_s=9, failure=FAILURE), "db")
    peer.write("api", b"INFO a\nERROR b\n" * 50)


def strange_signs(text: str) -> set[str]:
    return {sign for sign in text if not sign.isascii()}


@pytest.mark.parametrize(
    "keys",
    [
        ("v", "v", "slash", *"INFO", "enter"),
        ("f", *"INFO", "enter"),
        ("a", "t"),
        ("question_mark",),
        ("colon",),
        ("D",),
        ("T",),
        ("M",),
        ("W",),
        ("H",),
        ("S",),
    ],
    ids=lambda keys: "-".join(keys)[:20],
)
async def test_every_screen_is_ascii(peer: "Peer", stage: "OpenStage", keys: tuple[str, ...]) -> None:
    a_shop(peer)
    async with stage(size=(100, 30), ascii=True) as on_stage:
        on_stage.main.body.tree_view.move_to("api")
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        await on_stage.press(*keys)
        await on_stage.pilot.pause()
        await on_stage.until(lambda: strange_signs(on_stage.text()) == set())


def test_signs_keep_their_cells_and_letters_stay() -> None:
    [plain] = AsciiSigns().apply([Segment("✗ größer 日本 … │─┐ ⠋ ▁█")], Color(0, 0, 0))
    assert plain.text == "x größer 日本 ~ |-+ *   "
    assert all(cell_len(sign) == cell_len(text) for sign, text in _pairs())


def _pairs() -> list[tuple[str, str]]:
    signs = AsciiSigns()
    return [(chr(number), text) for number, text in signs._table.items()]


@pytest.mark.parametrize(
    ("environ", "encoding", "unicode"),
    [
        ({}, "utf-8", True),
        ({"LANG": "de_DE.UTF-8"}, "utf-8", True),
        ({"LANG": "de_DE.utf8"}, "utf-8", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8"}, "utf-8", True),
        ({"LC_ALL": "C", "LANG": "C.UTF-8"}, "utf-8", False),
        ({"LANG": "POSIX"}, "utf-8", False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, "utf-8", True),
        ({"LANG": "de_DE.ISO-8859-1"}, "utf-8", False),
        ({"LANG": "de_DE.UTF-8"}, "latin-1", False),
    ],
)
def test_the_locale_decides_whether_signs_are_ascii(
    environ: Mapping[str, str], encoding: str, *, unicode: bool
) -> None:
    assert speaks_unicode(environ, encoding) is unicode
