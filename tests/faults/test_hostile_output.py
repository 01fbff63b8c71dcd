"""Whatever tasks print, the screen around their logs stays whole, keys work, and the terminal is as it was afterwards."""

import signal

import pytest
from fault_scene import FaultScene
from stage import TREE_WIDTH, select, title, wait_task
from terminal import Terminal

pytestmark = [pytest.mark.real, pytest.mark.slow]

HELP = "Restart the selected task; what depends on it keeps running."
TASKS = ("random", "tricks", "endless", "calm")
SYSTEM = r"""
import textwrap

TRICKS = r'''
import os, time
bidi = "".join(map(chr, (0x202a, 0x202b, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x200f, 0x61c)))
width = "".join(map(chr, (0x200b, 0x200d, 0xfe0f, 0xfeff, 0x2060, 0xad, 0x115f, 0x3164, 0x1f468, 0x200d, 0x1f469)))
piled = "z" + chr(0x30d) * 200
lines = [
    b"\033]0;stolen\007", b"\033]2;stolen\033\\", b"\x9d0;stolen\x9c", b"\033]52;c;c3RvbGVu\007", b"\033]1337;File=:AAAA\007",
    b"\033[2J", b"\033[H", b"\033[3J", b"\033c", b"\033[!p", b"\033[1;1Hmoved", b"\x9b1;1Hmoved", b"\033[99A\033[99Dup",
    b"\033[?1049l", b"\033[?25h", b"\033[?7l", b"\033[?1000l", b"\033[?2004h", b"\033[?2026h", b"\033[5;10r", b"\033[20h", b"\033#8",
    b"\033(0lqqk\033)0\x0e", b"\033[8m hidden", b"\033[5n\033[6n\033[c\033[>q\033P$q\"p\033\\", b"\033_Ga=T\033\\", b"\033^pm\033\\",
    b"\033]8;;javascript:alert(1)\007click\033]8;;\007", b"\033P" + b"q" * 5000, b"\033]" + b"0" * 5000, b"\033[" + b"1;" * 5000 + b"m",
    b"\x00\x07\x08\x7f\x0b\x0c", b"\xff\xfe\xc3\x28\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", bytes(range(256)),
    bidi.encode() + b"reordered", ("\u202e" + "drawkcab").encode(), width.encode() * 20, piled.encode(), "\u2028\u2029\x85".encode(),
    b"\r" * 3000 + b"again", b"\b" * 3000 + b"back", b"\t" * 300 + b"tabs", ("\u65e5" * 500).encode(), b"\033[31;41;5;7;1mloud",
]
for line in lines:
    os.write(1, line + b"\n")
    os.write(2, line)
os.write(1, b"".join(lines) + b"\n\nall tricks are done\n")
time.sleep(600)
'''
ENDLESS = r'''
import os, time
for _ in range(10):
    os.write(1, b"m" * 1_000_000)
os.write(1, b"\nis long\n")
time.sleep(600)
'''

def says(program):
    return python(textwrap.dedent(program))

main = pipeline([
    service("random", run="head -c 20000000 /dev/urandom; echo; echo random is done; exec sleep 600", ready_when="random is done"),
    service("tricks", run=says(TRICKS), says="all tricks are done"),
    service("endless", run=says(ENDLESS), says="is long"),
    service("calm"),
])
"""


def around(terminal: Terminal) -> bool:
    """Tell whether all tasks stand in the tree, nothing below it, and the keys in the footer, where a notice may be."""
    *rows, footer = terminal.screen()
    tree, below = rows[: len(TASKS)], rows[len(TASKS) :]
    return (
        all(
            f"● {name} " in row[:TREE_WIDTH] and "rea" in row[:TREE_WIDTH]
            for name, row in zip(TASKS, tree, strict=True)
        )
        and not any(row[:TREE_WIDTH].strip() for row in below)
        and "4 ready" in footer
        and "q quit" in footer
    )


def chrome(terminal: Terminal) -> None:
    """Assert that all around the logs is where it belongs."""
    terminal.wait_for(lambda: around(terminal), "the tree, nothing below it, and the footer")
    rows, model = terminal.screen(), terminal.screen_model
    assert model.in_alternate
    assert "stolen" not in model.title
    assert model.clipboard == []
    assert model.bells == 0
    assert "25" not in model.modes, "the cursor is hidden"
    # What could turn text around, or is taken for another width by every terminal, does not get there.
    assert not set("".join(rows)) & set(
        "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u200f\u2028\ufeff\x9b\x00\x1b"
    )


def test_neither_random_bytes_nor_tricks_disturb_the_screen(scene: FaultScene) -> None:
    scene.write(SYSTEM)
    scene.torn_down = {"teardown random", "teardown tricks", "teardown endless", "teardown calm"}
    terminal = scene.open("dev")
    for name in TASKS:
        wait_task(terminal, name, "ready")
    for name, last in (
        ("tricks", "all tricks are done"),
        ("random", "random is done"),
        ("endless", "is long"),
        ("calm", "is up"),
    ):
        select(terminal, name)
        terminal.wait_for(last)
        chrome(terminal)
    select(terminal, "tricks")
    for key in ("g", "w", "t", "p", "a", "end", "a"):
        terminal.press(key)
        terminal.press("?")
        terminal.wait_for(HELP)
        terminal.press("escape")
        terminal.wait_gone(HELP)
        chrome(terminal)
    select(terminal, "random")
    terminal.type("/done")
    terminal.press("enter")
    terminal.wait_for(lambda: "done" in title(terminal), "the search in the title")
    terminal.press("escape")
    terminal.wait_gone("search “done”")
    chrome(terminal)
    terminal.resize(100, 30)
    terminal.wait_for(lambda: "4 ready" in terminal.screen()[29], "the footer on the last of 30 rows")
    chrome(terminal)
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert "stolen" not in terminal.screen_model.title


def test_lines_printed_beside_others_keep_their_names_whatever_is_in_them(scene: FaultScene) -> None:
    scene.write(SYSTEM)
    scene.torn_down = {"teardown calm", "teardown tricks"}
    process = scene.start_bytes("dev", "--no-tui", "calm", "tricks")
    out = scene.read_until(process, b"all tricks are done", b"calm is up")
    process.send_signal(signal.SIGINT)
    rest = scene.rest_of(process)
    assert process.returncode == 130
    said = (out + rest).decode("utf-8", "strict")
    assert not set(said) & set("\x1b\x9b\x07\x00\x08\u202e\u2066\u200b")
    assert {line[:8].rstrip() for line in out.split(b"\n")[:-1]} <= {b"calm   |", b"tricks |"}
