"""The screen of `dev` at a real terminal: what a person sees and what the keys do."""

import re

from stage import Stage, select, title, tree_row, wait_task
from terminal import KEYS

COUNTING = """
    import signal, sys, time
    started = open({started!r}, "a")
    started.write("x")
    started.close()
    print("generation", len(open({started!r}).read()), flush=True)
    for number in range(2000):
        print(f"line {{number:04d}} of", "even" if number % 2 == 0 else "odd", flush=False)
    print("all is said", flush=True)
    time.sleep(600)
"""


def write_counting(stage: Stage) -> None:
    """Two services; `count` prints 2,000 lines and knows how often it was started."""
    program = COUNTING.format(started=str(stage.root / "started"))
    stage.write(f"""
        import textwrap
        count = service("count", run=python(textwrap.dedent({program!r})), says="all is said")
        other = service("other")
        main = pipeline([count, other])
    """)


def test_a_whole_system_comes_up_and_each_task_says_so(stage: Stage) -> None:
    terminal = stage.open_shop()
    assert "done" in tree_row(terminal, "migrate")
    assert f":{stage.port}" in tree_row(terminal, "api")
    terminal.wait_for("web is up")
    terminal.wait_for("3 ready")
    terminal.wait_for("q quit")
    # What depends on something stands above it, and each is drawn once.
    rows = [row[:34] for row in terminal.screen()]
    order = [next(index for index, row in enumerate(rows) if name in row) for name in ("web", "api", "migrate", "db")]
    assert order == sorted(order)


def test_moving_down_the_tree_shows_the_log_of_each_task(stage: Stage) -> None:
    terminal = stage.open_shop()
    for name, words in (("api", f"listens on {stage.port}"), ("migrate", "2 migrations applied"), ("db", "db accepts")):
        select(terminal, name)
        terminal.wait_for(words)


def test_r_restarts_the_selected_task_and_leaves_the_others_alone(stage: Stage) -> None:
    write_counting(stage)
    terminal = stage.open("dev")
    wait_task(terminal, "count", "ready")
    wait_task(terminal, "other", "ready")
    select(terminal, "count")
    other = stage.process_of("sleep 600").pid
    terminal.press("r")
    stage.wait_until(lambda: (stage.root / "started").read_text() == "xx", "a second generation")
    wait_task(terminal, "count", "ready")
    assert stage.process_of("sleep 600").pid == other
    assert stage.order() == [], "a restart keeps the activation: no teardown"


def test_s_stops_dependents_first_and_starts_them_again(stage: Stage) -> None:
    terminal = stage.open_shop()
    select(terminal, "api")
    terminal.press("s")
    terminal.wait_for("stopping api and what needs it: web")
    stage.wait_until(lambda: stage.order() == ["teardown web", "teardown api"], "both teardowns, in order")
    wait_task(terminal, "api", "torn down")
    assert "ready" in tree_row(terminal, "db")
    terminal.press("s")
    wait_task(terminal, "api", "●")
    select(terminal, "db")
    assert stage.order() == ["teardown web", "teardown api"]


def test_enter_goes_to_the_log_and_escape_comes_back(stage: Stage) -> None:
    write_counting(stage)
    terminal = stage.open("dev")
    wait_task(terminal, "count", "ready")
    select(terminal, "count")
    terminal.wait_for("line 1999")
    terminal.press("enter")
    terminal.wait_for("Esc back")
    terminal.press("home")
    terminal.wait_for("line 0000")
    terminal.press("end")
    terminal.wait_for("all is said")
    terminal.press("escape")
    terminal.wait_gone("Esc back")
    terminal.press("j")
    terminal.wait_for(lambda: "other" in title(terminal), "the tree to have the focus again")


def test_search_finds_a_line_among_thousands_and_n_goes_on(stage: Stage) -> None:
    write_counting(stage)
    terminal = stage.open("dev")
    wait_task(terminal, "count", "ready")
    select(terminal, "count")
    terminal.wait_for("all is said")
    terminal.press("/")
    terminal.wait_for("Enter keep")
    terminal.type("line 042")
    terminal.wait_for("10 lines")
    terminal.press("enter")
    terminal.wait_gone("Enter keep")
    terminal.wait_for(re.compile(r"line 042\d of"))
    terminal.wait_for(re.compile(r"search “line 042”: \d+/10"))
    before = title(terminal)
    terminal.press("n")
    terminal.wait_for(lambda: title(terminal) != before and "/10" in title(terminal), "another match")
    terminal.press("escape")
    terminal.wait_gone("search “line 042”")


def test_the_filter_hides_all_other_lines_and_escape_brings_them_back(stage: Stage) -> None:
    write_counting(stage)
    terminal = stage.open("dev")
    wait_task(terminal, "count", "ready")
    select(terminal, "count")
    terminal.wait_for("all is said")
    terminal.press("f")
    terminal.wait_for("Enter keep")
    terminal.type("even")
    terminal.wait_gone("of odd")
    terminal.press("enter")
    terminal.wait_for("“even”  1,000 lines")
    assert terminal.contains("line 1998 of even")
    terminal.press("escape")
    terminal.wait_for("of odd")


def test_split_panes_show_two_tasks_side_by_side(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.wait_for("web is up")
    terminal.press("|")
    terminal.wait_for(re.compile(r"2 \S \w+"))
    terminal.press("j", "j", "j", "j", "j")
    terminal.wait_for("db accepts connections")
    assert terminal.contains("web is up")
    terminal.press("x")
    terminal.wait_gone(re.compile(r"2 \S \w+"))


def test_zoom_gives_the_log_the_whole_screen(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("z")
    terminal.wait_for(lambda: terminal.screen()[0].strip().startswith("● web"), "the title at the left edge")
    terminal.wait_gone("migrate")
    terminal.press("z")
    terminal.wait_for("migrate")


def test_help_lists_the_keys_and_any_of_them_works_afterwards(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("?")
    terminal.wait_for("Restart the selected task; what depends on it keeps running.")
    terminal.press("escape")
    terminal.wait_gone("Restart the selected task")
    select(terminal, "db")


def test_the_palette_finds_a_command_by_typing(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("ctrl+p")
    terminal.wait_for("Search for commands")
    terminal.type("show all keys")
    terminal.wait_gone("Restart  (r)")
    terminal.wait_for("Show all keys.")
    terminal.press("enter")
    terminal.wait_for("Restart the selected task; what depends on it keeps running.")


def test_a_killed_service_is_shown_as_failed_with_its_reason_and_comes_back(stage: Stage) -> None:
    terminal = stage.open_shop()
    select(terminal, "api")
    stage.process_of(str(stage.port)).kill()
    wait_task(terminal, "api", "SIGKILL")
    terminal.wait_for(re.compile(r"was ended by SIGKILL|SIGKILL"))
    terminal.wait_for("pipeline.py:")
    terminal.wait_for("1 failed")
    terminal.press("r")
    wait_task(terminal, "api", "●")
    terminal.wait_gone("1 failed")


def test_a_failing_task_answers_what_when_and_how_to_go_on(stage: Stage) -> None:
    stage.write("""
        bad = task("bad", run="echo connecting to nowhere; echo no route to host >&2; exit 7")
        after = task("after", run="echo never", depends_on=[bad])
        main = pipeline([bad, after])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "bad", "exit 7")
    select(terminal, "bad")
    for words in ("no route to host", "echo connecting to nowhere", "pipeline.py:", "after", "restart bad"):
        terminal.wait_for(words)


def test_what_a_child_prints_stays_in_its_pane(stage: Stage) -> None:
    stage.write(r"""
        evil = r"printf '\033]0;stolen\007\033[2J\033[1;1Hmoved\033[?1049l\033[?25hbang \033]52;c;c3RvbGVu\007\n'"
        main = pipeline([service("evil", run=evil + "; echo is up; exec sleep 600")])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "evil", "ready")
    terminal.wait_for("bang")
    assert terminal.screen_model.in_alternate
    assert terminal.screen_model.title != "stolen"
    assert terminal.screen_model.clipboard == []
    assert "evil" in tree_row(terminal, "evil")


def test_a_terminal_that_is_too_small_says_so_and_grows_again(stage: Stage) -> None:
    stage.write_shop()
    terminal = stage.open("dev", columns=30, rows=8)
    terminal.wait_for("30x8 is too small")
    terminal.resize(120, 36)
    wait_task(terminal, "web", "ready")
    terminal.resize(30, 8)
    terminal.wait_for("30x8 is too small")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    terminal.assert_sane()


def test_resizing_draws_everything_anew(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.resize(80, 20)
    terminal.wait_for(lambda: "q quit" in terminal.screen()[19], "the footer on the last of 20 rows")
    terminal.resize(160, 50)
    terminal.wait_for(lambda: "q quit" in terminal.screen()[49], "the footer on the last of 50 rows")


def test_keys_with_names_are_what_terminals_send() -> None:
    assert KEYS["ctrl+c"] == "\x03"
    assert KEYS["escape"] == "\x1b"
