"""Tasks with a terminal in `dev` at a real one: programs that draw, a person who types, and output that means harm."""

import shutil

import pytest
from stage import Stage, select
from terminal import Terminal

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

PYTHON = """
    main = pipeline([task("repl", run=command([sys.executable, "-I", "-q"], tty=True, stop_timeout="1s"))])
"""
SIZE = """
    import curses, signal
    def draw(screen):
        curses.curs_set(0)
        while True:
            rows, columns = screen.getmaxyx()
            screen.erase()
            screen.addstr(0, 0, f"{columns} by {rows}")
            screen.addstr(rows - 2, 0, "bottom")
            screen.refresh()
            key = screen.getch()
            if key == ord("x"):
                break
            if key == curses.KEY_RESIZE:
                curses.update_lines_cols()
    curses.wrapper(draw)
    print("left")
"""


def interact(terminal: Terminal) -> None:
    """Begin to type into the selected task."""
    terminal.wait_for("i interact")
    terminal.press("i")
    terminal.wait_for("Ctrl-Z leaves")


def test_a_person_works_with_a_repl_leaves_it_and_quits(stage: Stage) -> None:
    stage.write(PYTHON)
    terminal = stage.open("dev")
    terminal.wait_for(">>>")
    interact(terminal)
    terminal.type("6 * 7\r")
    terminal.wait_for("\n" + " " * 34 + "42")
    terminal.type("import time; time.sleep(600)\r")
    terminal.press("ctrl+c")
    terminal.wait_for("KeyboardInterrupt")
    terminal.type("'q' * 3\r")
    terminal.wait_for("'qqq'")
    terminal.press("ctrl+z")
    terminal.wait_for("q quit")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    terminal.assert_sane()


@pytest.mark.parametrize(
    ("program", "shows", "keys", "then"),
    [
        (["vim", "-u", "NONE", "-N", "-n", "text"], "one line", "ggOhello world\x1b", "hello world"),
        (["vi", "-u", "NONE", "-n", "text"], "one line", "ddianother\x1b", "another"),
        (["less", "text"], "one line", "/second\r", "second line"),
        (["top", "-d", "600"], "load average", "h", "Help for Interactive Commands"),
        (["htop", "-d", "600"], "Load average", "\x1bOP", "Arrows"),
        (["nano", "-R", "text"], "one line", "\x07", "Main nano help text"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_programs_that_draw_the_whole_screen_can_be_used(
    stage: Stage, program: list[str], shows: str, keys: str, then: str
) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not on this machine")
    (stage.root / "text").write_text("one line\n" + "\n" * 40 + "second line\n")
    stage.write(f"main = pipeline([task('it', run=command({program!r}, tty=True, stop_timeout='1s'))])")
    terminal = stage.open("dev")
    terminal.wait_for(shows)
    interact(terminal)
    terminal.type(keys)
    terminal.wait_for(then)


def test_a_program_follows_the_size_of_its_pane(stage: Stage) -> None:
    (stage.root / "size.py").write_text("import textwrap\nexec(textwrap.dedent('''" + SIZE + "'''))\n")
    stage.write("main = pipeline([task('size', run=command([sys.executable, 'size.py'], tty=True))])")
    terminal = stage.open("dev")
    terminal.wait_for("86 by 34")
    terminal.resize(100, 24)
    terminal.wait_for("66 by 22")
    terminal.press("z")
    terminal.wait_for("100 by 22")
    terminal.press("v")
    terminal.wait_for("66 by 1")  # one of two panes
    terminal.press("z")
    interact(terminal)
    terminal.type("x")
    terminal.wait_for("not running")
    terminal.press("ctrl+z")


def test_what_is_on_the_screen_is_there_again_after_coming_back(stage: Stage) -> None:
    stage.write(PYTHON)
    terminal = stage.open("dev")
    terminal.wait_for(">>>")
    interact(terminal)
    terminal.type("print('\\x1b[?1049h\\x1b[5;7Hwhole screen')\r")
    terminal.wait_for("whole screen")
    terminal.press("ctrl+z", "d")
    assert terminal.wait_exit() == 0
    again = stage.open("attach")
    again.wait_for("whole screen")
    interact(again)
    again.type("print('still', 'here')\r")
    again.wait_for("still here")
    again.press("ctrl+z", "q")
    again.wait_for("stop")
    stage.run("down")


def test_output_that_means_harm_reaches_nobody_but_its_own_terminal(stage: Stage) -> None:
    harm = (
        r"\033]0;owned\007\033]52;c;b3duZWQ=\007\033P$q q\033\\\007\033[?1003h\033[18t\033[c\033[>q\033[6n\033[5;1Hdone"
    )
    stage.write(f"""
        harm = "echo waits; read go; stty -echo -icanon; printf '{harm}'; dd bs=1 count=12 2>/dev/null | od -c; exec sleep 600"
        evil = task("evil", run=command(harm, tty=True))
        main = pipeline([evil, service("good")])
    """)
    terminal = stage.open("dev")
    terminal.wait_for("waits")
    interact(terminal)
    terminal.type("\r")
    terminal.wait_for("done")
    terminal.wait_for("033")  # what its terminal answered, the child has read
    terminal.press("ctrl+z")
    terminal.wait_for("i interact")
    select(terminal, "good")
    terminal.wait_for("good is up")
    model = terminal.screen_model
    assert "owned" not in model.title
    assert model.clipboard == []
    assert model.bells == 0
    terminal.press("q")
    assert terminal.wait_exit() == 0
    terminal.assert_sane()
