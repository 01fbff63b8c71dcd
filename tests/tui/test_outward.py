"""Who looks elsewhere is called once when something fails and once when it is well again; titles tell the state."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Aborted,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    TaskState,
)
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.outward_text import (
    chosen,
    notice_program,
    notice_sequence,
    notice_text,
    run_name,
    safe,
    title_text,
)
from tui_runner.tui.settings.reading import Reading
from tui_runner.tui.settings.settings import Desktop, NotifySettings, Settings
from tui_runner.tui.tidings import SETTLED_S, Tidings, TidingsWatch

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
FAILED = Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3))
READY = Ready(attempt=1, pid=4)
RUN = RunView(run_id="r", root="/home/me/shop", mode="dev", started_at=NOW)


def task(name: str, state: TaskState, ready_when: str = "a line", since: float = NOW) -> TaskView:
    return TaskView(id=name, name=name, state=state, ready_when=ready_when, since=since)


def names(tidings: Tidings) -> tuple[list[str], list[str]]:
    return [view.id for view in tidings.failed], [view.id for view in tidings.recovered]


class TestTidings:
    def test_what_was_wrong_before_the_first_look_is_no_news(self) -> None:
        assert TidingsWatch().look([task("api", FAILED)], NOW) == Tidings()

    def test_a_failure_is_told_once_and_its_end_once(self) -> None:
        watch = TidingsWatch()
        watch.look([task("api", READY), task("db", READY)], NOW)
        assert names(watch.look([task("api", FAILED), task("db", READY)], NOW)) == (["api"], [])
        assert watch.look([task("api", FAILED), task("db", READY)], NOW) == Tidings()
        assert watch.look([task("api", Starting(attempt=2)), task("db", READY)], NOW) == Tidings()
        assert names(watch.look([task("api", READY), task("db", READY)], NOW)) == ([], ["api"])
        assert watch.look([task("api", READY), task("db", READY)], NOW) == Tidings()

    def test_a_task_that_fails_again_and_again_was_never_well(self) -> None:
        watch = TidingsWatch()
        watch.look([task("api", READY)], NOW)
        watch.look([task("api", FAILED)], NOW)
        watch.look([task("api", Running(attempt=2, pid=4))], NOW)
        assert watch.look([task("api", FAILED)], NOW) == Tidings()

    def test_a_task_without_a_probe_is_well_when_it_has_run_for_a_second(self) -> None:
        watch = TidingsWatch()
        watch.look([], NOW)
        watch.look([task("api", FAILED)], NOW)
        running = task("api", Running(attempt=2, pid=4), ready_when="")
        assert watch.look([running], NOW + 0.1) == Tidings(settles=True)
        assert names(watch.look([running], NOW + SETTLED_S)) == ([], ["api"])

    @pytest.mark.parametrize("state", [Completed(stopped=True), Aborted()])
    def test_a_failed_task_that_is_stopped_is_neither_news_nor_remembered(self, state: TaskState) -> None:
        watch = TidingsWatch()
        watch.look([], NOW)
        watch.look([task("api", FAILED)], NOW)
        assert watch.look([task("api", state)], NOW) == Tidings()
        assert watch.look([task("api", READY)], NOW) == Tidings()

    def test_a_failed_task_that_is_cached_now_is_well(self) -> None:
        watch = TidingsWatch()
        watch.look([], NOW)
        watch.look([task("api", FAILED)], NOW)
        assert names(watch.look([task("api", Skipped(reason=SkipReason.CACHE_HIT))], NOW)) == ([], ["api"])

    def test_a_nested_pipeline_fails_by_its_tasks_alone(self) -> None:
        watch = TidingsWatch()
        watch.look([], NOW)
        outer = msgspec.structs.replace(task("outer", FAILED), composite=True)
        assert watch.look([outer], NOW) == Tidings()


class TestWords:
    def test_the_title_counts_until_everything_is_up(self) -> None:
        views = [task("db", READY), task("web", Pending()), task("job", Completed(exit_code=0))]
        assert title_text(RUN, views) == "2/3 up · shop"
        assert title_text(msgspec.structs.replace(RUN, name="market"), views, ascii=True) == "2/3 up - market"

    def test_the_title_names_what_has_failed(self) -> None:
        views = [task("db", READY), task("outer:api", FAILED), task("web", FAILED)]
        assert title_text(RUN, views) == "✗ api +1 · shop"
        assert title_text(RUN, views[:2], ascii=True) == "x api - shop"

    def test_the_title_says_when_a_run_stops(self) -> None:
        run = msgspec.structs.replace(RUN, phase=RunPhase.STOPPING)
        assert title_text(run, [task("api", FAILED)]) == "stopping · shop"

    @pytest.mark.parametrize("name", ["a\x1b]0;b\x07c", "a\x9c\u202eb", "a\nb;c", "x" * 500])
    def test_no_name_can_end_or_begin_a_sequence(self, name: str) -> None:
        run = msgspec.structs.replace(RUN, name=name)
        for text in (title_text(run, [task(name, FAILED)]), notice_text(Tidings(failed=(task(name, FAILED),)))):
            assert text.isprintable()
            assert ";" not in text
            assert len(text) <= 200

    def test_a_notice_says_who_and_why(self) -> None:
        assert notice_text(Tidings(failed=(task("api", FAILED),))) == "api failed: exit 3"
        two = (task("api", FAILED), task("o:web", FAILED))
        assert notice_text(Tidings(failed=two, recovered=(task("db", READY),))) == "api and web failed, db is up again"
        many = tuple(task(f"t{number}", READY) for number in range(5))
        assert notice_text(Tidings(recovered=many)) == "t0, t1, t2 and 2 more are up again"

    def test_the_root_directory_has_a_name_too(self) -> None:
        assert run_name(msgspec.structs.replace(RUN, root="/")) == "/"


class TestWays:
    @pytest.mark.parametrize(
        ("environ", "way"),
        [
            ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, Desktop.OSC9),
            ({"TERM": "xterm-kitty"}, Desktop.OSC99),
            ({"TERM_PROGRAM": "WezTerm", "TERM": "xterm-256color"}, Desktop.OSC777),
            ({"TERM": "foot"}, Desktop.OSC777),
            ({"TERM": "xterm-256color"}, Desktop.PROGRAM),
            ({"TERM": "linux"}, Desktop.PROGRAM),
            ({"TERM": "tmux-256color", "TMUX": "/tmp/x", "TERM_PROGRAM": "iTerm.app"}, Desktop.PROGRAM),
        ],
    )
    def test_a_sequence_is_only_sent_where_it_is_known(self, environ: dict[str, str], way: Desktop) -> None:
        assert chosen(Desktop.AUTO, environ) is way
        assert chosen(Desktop.NO, environ) is Desktop.NO

    def test_sequences_carry_both_texts(self) -> None:
        assert notice_sequence(Desktop.OSC9, "shop", "x", in_tmux=False) == "\x1b]9;shop: x\x1b\\"
        assert notice_sequence(Desktop.OSC777, "shop", "x", in_tmux=False) == "\x1b]777;notify;shop;x\x1b\\"
        assert notice_sequence(Desktop.OSC99, "shop", "x", in_tmux=False).count("\x1b]99;i=tui-runner:") == 2
        assert notice_sequence(Desktop.NO, "shop", "x", in_tmux=False) == ""

    def test_tmux_hands_a_sequence_on(self) -> None:
        assert notice_sequence(Desktop.OSC9, "s", "x", in_tmux=True) == "\x1bPtmux;\x1b\x1b]9;s: x\x1b\x1b\\\x1b\\"

    @pytest.mark.skipif("sys.platform == 'darwin'", reason="another program")
    def test_a_program_gets_texts_as_arguments_and_no_markup(self, tmp_path: Path) -> None:
        program = tmp_path / "notify-send"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        environ = {"PATH": str(tmp_path), "DISPLAY": ":0"}
        command = notice_program(environ, "--help", "<b>x</b> & y")
        assert command == (
            str(program),
            "--app-name=tui-runner",
            "--",
            "--help",
            "&lt;b&gt;x&lt;/b&gt; &amp; y",
        )
        assert notice_program({"PATH": str(tmp_path)}, "shop", "x") is None

    def test_safe_text_is_cut(self) -> None:
        assert safe("x" * 100, 10) == "xxxxxxx..."


class Heard:
    """A terminal that notes what it is told."""

    def __init__(self, on_stage: "Stage", monkeypatch: pytest.MonkeyPatch) -> None:
        self.bells = 0
        self.sequences: list[str] = []
        self.titles: list[str] = []
        outward = on_stage.app._outward
        monkeypatch.setattr(outward, "_terminal", self)
        self.stage = on_stage

    def set_title(self, text: str) -> None:
        self.titles.append(text)

    def ring(self) -> None:
        self.bells += 1

    def send(self, sequence: str) -> None:
        self.sequences.append(sequence)

    def notify_by(self, command: tuple[str, ...]) -> None:
        raise AssertionError(f"nothing offers this here: {command}")

    async def seen(self, name: str, kind: type[TaskState]) -> None:
        """Wait until the screen knows of a state, and let it look."""
        await self.stage.until(lambda: isinstance(self.stage.app.session.tasks[name].state, kind))
        self.stage.app._outward.look(self.stage.app.session)


class TestOnTheScreen:
    async def test_a_failure_and_its_end_ring_once_each_while_something_else_has_the_focus(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer.add("api", READY, ready_when="a line")
        async with stage() as on_stage:
            heard = Heard(on_stage, monkeypatch)
            on_stage.app._outward.settings = NotifySettings(desktop=Desktop.OSC777)
            await heard.seen("api", Ready)
            on_stage.app.on_app_blur()
            peer.enter("api", FAILED)
            await heard.seen("api", Failed)
            assert heard.bells == 1
            assert heard.sequences == [f"\x1b]777;notify;{peer.root.name};api failed: exit 3\x1b\\"]
            assert heard.titles[-1] == f"✗ api · {peer.root.name}"[:80]
            peer.enter("api", READY)
            await heard.seen("api", Ready)
            assert heard.bells == 2

    async def test_nothing_rings_for_somebody_who_looks(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer.add("api", READY)
        async with stage() as on_stage:
            heard = Heard(on_stage, monkeypatch)
            await heard.seen("api", Ready)
            on_stage.app.on_app_focus()
            peer.enter("api", FAILED)
            await heard.seen("api", Failed)
            assert heard.bells == 0

    async def test_where_the_terminal_does_not_tell_a_key_says_that_somebody_looks(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer.add("api", READY)
        async with stage() as on_stage:
            heard = Heard(on_stage, monkeypatch)
            await heard.seen("api", Ready)
            await on_stage.press("w")
            peer.enter("api", FAILED)
            await heard.seen("api", Failed)
            assert heard.bells == 0

    async def test_what_is_turned_off_is_silent(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer.add("api", READY)
        silent = Settings(notify=NotifySettings(on_failure=False, title=False))
        async with stage(settings=Reading(path=peer.root, settings=silent)) as on_stage:
            heard = Heard(on_stage, monkeypatch)
            on_stage.app.on_app_blur()
            await heard.seen("api", Ready)
            peer.enter("api", FAILED)
            await heard.seen("api", Failed)
            assert (heard.bells, heard.titles) == (0, [])
            peer.enter("api", READY)
            await heard.seen("api", Ready)
            assert heard.bells == 1

    async def test_a_run_that_stops_rings_for_nobody(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peer.add("api", READY)
        async with stage() as on_stage:
            heard = Heard(on_stage, monkeypatch)
            on_stage.app.on_app_blur()
            await heard.seen("api", Ready)
            peer.move_to(RunPhase.STOPPING, stopping_since=NOW)
            peer.enter("api", FAILED)
            await heard.seen("api", Failed)
            assert heard.bells == 0
            assert heard.titles[-1].startswith("stopping · ")
