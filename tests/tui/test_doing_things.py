"""What can be done with a task beside starting and stopping it."""

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from overview_steps import a_shop, details_of_db, select

from tui_runner.model.details import Variable
from tui_runner.model.state import Pending, Ready, Stopping, StopReason
from tui_runner.model.view import RunPhase, TaskView
from tui_runner.tui.commands import applicable
from tui_runner.tui.screens.choose_signal import SIGNALS, ChooseSignal
from tui_runner.tui.shell_line import shell_line
from tui_runner.tui.ui_command import CommandContext

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer


def a_task(command: str, cwd: Path | str = "/app") -> TaskView:
    return TaskView(id="db", name="db", state=Pending(), command=command, cwd=str(cwd))


class TestOnTheScreen:
    async def test_ctrl_r_restarts_a_task_with_what_needs_it(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await select(on_stage, "migrate")
            await on_stage.press("ctrl+r")
            await on_stage.shows("restarting migrate and what needs it: web, api")
            await peer.until(lambda: bool(peer.commands))
            [asked] = peer.commands
            assert (asked.verb, asked.task, asked.with_dependents, asked.wait) == ("restart", "migrate", True, False)

    async def test_a_signal_is_chosen_and_sent(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await select(on_stage, "db")
            await on_stage.press("S")
            await on_stage.shows("Send a signal to db", *(name for name, _ in SIGNALS))
            await on_stage.press("j", "enter")
            await peer.until(lambda: bool(peer.commands))
            [asked] = peer.commands
            assert (asked.verb, asked.task, asked.signal) == ("signal", "db", "SIGINT")

    async def test_a_task_that_is_stopping_can_be_killed_and_no_other(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        async with stage(size=(160, 30)) as on_stage:
            await select(on_stage, "db")
            await on_stage.press("K")
            peer.enter("db", Stopping(attempt=1, pid=11, reason=StopReason.PERSON))
            await on_stage.shows("K kill")
            assert peer.commands == []
            await on_stage.press("K")
            await peer.until(lambda: bool(peer.commands))
            [asked] = peer.commands
            assert (asked.verb, asked.task, asked.signal) == ("signal", "db", "SIGKILL")

    async def test_a_refused_signal_is_told(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        peer.refuse_with = "db does not run"
        async with stage(size=(120, 30)) as on_stage:
            await select(on_stage, "db")
            await on_stage.press("S", "enter")
            await on_stage.shows("db does not run")

    async def test_escape_sends_nothing(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        async with stage() as on_stage:
            await select(on_stage, "db")
            await on_stage.press("S")
            await on_stage.until(lambda: isinstance(on_stage.app.screen, ChooseSignal))
            await on_stage.press("escape")
            await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
            assert peer.commands == []

    async def test_the_command_line_is_copied_without_secrets(self, peer: "Peer", stage: "OpenStage") -> None:
        a_shop(peer)
        peer.details["db"] = details_of_db()
        async with stage() as on_stage:
            await select(on_stage, "db")
            await on_stage.press("Y")
            await on_stage.shows("copied")
            assert on_stage.app.clipboard == (
                '(cd /app/db || exit; export PGDATA=/app/db/data PGPASSWORD="$PGPASSWORD" REPLICA="$REPLICA"; run-db)'
            )

    async def test_u_opens_the_page_of_a_task(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        a_shop(peer)
        browser = tmp_path / "bin" / "xdg-open"
        browser.parent.mkdir()
        browser.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/opened\n')
        browser.chmod(0o755)
        monkeypatch.setenv("PATH", str(browser.parent), prepend=":")
        async with stage() as on_stage:
            await select(on_stage, "web")
            await on_stage.press("u")
            await on_stage.until((tmp_path / "opened").exists)
            await on_stage.until(lambda: (tmp_path / "opened").read_text() == "http://localhost:8000\n")

    async def test_a_page_that_could_not_be_opened_is_told_with_its_address(
        self, peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        a_shop(peer)
        browser = tmp_path / "xdg-open"
        browser.write_text("#!/bin/sh\nexit 3\n")
        browser.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        async with stage() as on_stage:
            await select(on_stage, "web")
            await on_stage.press("u")
            await on_stage.shows("could not open http://localhost:8000: ")


class TestWhatIsOffered:
    def offered(self, **about: object) -> set[str]:
        task = TaskView(id="t", name="t", **{"state": Ready(attempt=1, pid=3), **about})  # type: ignore[arg-type]  # fields by name
        return {command.id for command in applicable(CommandContext(task=task))}

    def test_only_a_task_with_a_web_address_can_be_opened(self) -> None:
        assert "open_url" in self.offered(address="https://localhost:8000")
        assert "open_url" not in self.offered(address="localhost:5432")
        assert "open_url" not in self.offered(address="file:///etc/passwd")

    def test_only_what_runs_takes_signals(self) -> None:
        assert "send_signal" in self.offered()
        assert "send_signal" not in self.offered(state=Pending())
        assert "send_signal" not in self.offered(composite=True)

    def test_only_a_command_can_be_copied(self) -> None:
        assert "copy_command" in self.offered(command="make")
        assert "copy_command" not in self.offered()


class TestWhatDoesNotApply:
    """A key that can do nothing says why: who believes to have been heard types on, and that would be commands."""

    @pytest.mark.parametrize(
        ("task", "key", "why"),
        [
            ("db", "i", "db has no terminal: give it tty=True"),
            ("db", "I", "db has no terminal: give it tty=True"),
            ("db", "u", "db has no web address"),
            ("db", "K", "db is not being stopped"),
            ("worker", "S", "worker does not run"),
            ("worker", "K", "worker does not run"),
            ("mailbox", "s", "mailbox waits for what it needs: there is nothing to stop yet"),
            ("db", "n", "nothing is searched for"),
            ("db", "x", "this is the only pane"),
        ],
    )
    async def test_it_says_why(self, peer: "Peer", stage: "OpenStage", task: str, key: str, why: str) -> None:
        a_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await select(on_stage, task)
            await on_stage.press(key)
            await on_stage.shows(why)
            assert peer.asked == []

    @pytest.mark.parametrize("key", ["d", "r", "s", "A", "E", "ctrl+l"])
    async def test_it_says_that_everything_is_being_stopped(self, peer: "Peer", stage: "OpenStage", key: str) -> None:
        a_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await select(on_stage, "db")
            peer.move_to(RunPhase.STOPPING)
            await on_stage.shows("Stopping")
            await on_stage.press(key)
            await on_stage.shows("everything is being stopped")
            assert peer.asked == []


class TestShellLine:
    @pytest.mark.parametrize(
        "command",
        ['echo "$A" > out && pwd >> out', 'echo "$A" > out; pwd >> out # done', 'echo "$A" \\\n> out\npwd >> out'],
    )
    def test_a_shell_does_what_the_task_does_and_is_left_as_it_was(self, command: str, tmp_path: Path) -> None:
        place = tmp_path / "it's here"
        place.mkdir()
        line = shell_line(a_task(command, place), [Variable(name="A", value="x 'y' $HOME `id`")])
        script = f'{line}\npwd; echo "$A."'
        after = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert (place / "out").read_text().splitlines() == ["x 'y' $HOME `id`", str(place)]
        assert after.stdout.splitlines() == [str(tmp_path), "."]

    @pytest.mark.parametrize(
        "command",
        [
            "touch one; touch two",
            "touch one & touch two & wait",
            "touch one || touch two",
            "touch one\ntouch two",
            "touch one; touch two # done",
            "touch one; touch two &",
            "cat > one << END; touch two\ntext\nEND",
        ],
    )
    def test_nothing_of_the_command_runs_where_its_directory_is_missing(self, command: str, tmp_path: Path) -> None:
        line = shell_line(a_task(command, tmp_path / "gone"), [Variable(name="A", value="x")])
        after = subprocess.run(
            ["/bin/sh", "-c", f"{line}\necho $?"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert after.stdout.strip() not in {"", "0"}
        assert "gone" in after.stderr
        assert list(tmp_path.iterdir()) == []
        (tmp_path / "gone").mkdir()
        subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, check=True)
        assert (tmp_path / "gone" / "one").exists()

    def test_what_is_not_shown_in_full_comes_from_the_shell(self) -> None:
        masked, cut = Variable(name="A", value="", masked=True), Variable(name="B", value="x" * 1000 + "…")
        assert shell_line(a_task("make"), [masked, cut]) == '(cd /app || exit; export A="$A" B="$B"; make)'

    def test_a_name_that_no_shell_takes_is_left_out(self) -> None:
        assert shell_line(a_task("make"), [Variable(name="a b;c", value="x")]) == "(cd /app || exit; make)"
