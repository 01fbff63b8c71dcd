from tui_runner.process.environment import Delta, changes, path_of

BASE = {"PATH": "/usr/bin", "HOME": "/home/me"}


def delta(base: dict[str, str], declared: dict[str, str], *, color: bool = False, tty: bool = False) -> Delta:
    return changes(base, declared, cwd="/work/api", root="/work", color=color, tty=tty)


def test_tool_directories_of_task_and_workspace_come_first() -> None:
    assert delta(BASE, {})["PATH"] == (
        "/work/api/node_modules/.bin:/work/api/.venv/bin:/work/node_modules/.bin:/work/.venv/bin:/usr/bin"
    )


def test_a_task_in_the_root_names_each_directory_once() -> None:
    same = changes(BASE, {}, cwd="/work", root="/work", color=False, tty=False)
    assert same["PATH"] == "/work/node_modules/.bin:/work/.venv/bin:/usr/bin"


def test_a_path_the_user_sets_is_respected() -> None:
    assert delta(BASE, {"PATH": "/mine"})["PATH"] == "/mine"
    assert path_of(BASE, delta(BASE, {"PATH": "/mine"})) == "/mine"


def test_declared_variables_win() -> None:
    assert delta(BASE, {"HOME": "/else", "NEW": "1"}) | {"PATH": ""} == {
        "HOME": "/else",
        "NEW": "1",
        "PATH": "",
        "PYTHONUNBUFFERED": "1",
    }


def test_color_is_asked_for_only_when_the_viewer_shows_it() -> None:
    assert delta(BASE, {}, color=True)["FORCE_COLOR"] == "1"
    assert "FORCE_COLOR" not in delta(BASE, {}, color=False)


def test_what_somebody_set_is_never_overridden() -> None:
    assert "FORCE_COLOR" not in delta({**BASE, "FORCE_COLOR": "3"}, {}, color=True)
    assert delta(BASE, {"FORCE_COLOR": "0"}, color=True)["FORCE_COLOR"] == "0"
    assert "PYTHONUNBUFFERED" not in delta({**BASE, "PYTHONUNBUFFERED": ""}, {})


def test_no_color_is_respected_wherever_it_is_set() -> None:
    assert "FORCE_COLOR" not in delta({**BASE, "NO_COLOR": "1"}, {}, color=True)
    assert "FORCE_COLOR" not in delta(BASE, {"NO_COLOR": "1"}, color=True)
    assert "FORCE_COLOR" in delta({**BASE, "NO_COLOR": "1"}, {"NO_COLOR": ""}, color=True)


def test_a_terminal_needs_no_asking_but_a_name() -> None:
    assert "FORCE_COLOR" not in delta(BASE, {}, color=True, tty=True)
    assert delta(BASE, {}, tty=True)["TERM"] == "xterm-256color"
    assert "TERM" not in delta({**BASE, "TERM": "screen"}, {}, tty=True)


def test_a_terminal_of_our_own_is_not_the_one_we_were_started_in() -> None:
    base = {
        **BASE,
        "TERM": "tmux-256color",
        "COLUMNS": "200",
        "LINES": "50",
        "TMUX": "/tmp/tmux",
        "COLORTERM": "truecolor",
    }
    given = changes(base, {"LINES": "7"}, cwd="/work", root="/work", color=False, tty=True, interactive=True)
    assert (given["TERM"], given["COLUMNS"], given["TMUX"]) == ("xterm-256color", None, None)
    assert given["LINES"] == "7", "what the user declares wins"
    assert "COLORTERM" not in given


def test_a_task_without_a_terminal_keeps_what_is_said_of_ours() -> None:
    base = {**BASE, "TERM": "tmux-256color", "COLUMNS": "200"}
    given = changes(base, {}, cwd="/work", root="/work", color=False, tty=False, interactive=True)
    assert not given.keys() & {"TERM", "COLUMNS"}
