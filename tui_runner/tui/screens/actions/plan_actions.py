"""What the commands about the definitions do: reload them, add and remove tasks. Asks only where something is lost."""

from functools import partial

from tui_runner.control.protocol import Reply
from tui_runner.model.plan_changes import KnownTask
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.tui.definition_news import LOOK_S, DefinitionNews
from tui_runner.tui.screens.actions.acting_screen import ActingScreen


class PlanActions(ActingScreen, inherit_bindings=False):
    """Reload, add, remove."""

    _news: DefinitionNews

    def on_mount(self) -> None:
        """Begin to look whether the definitions were changed."""
        self._news = DefinitionNews()
        self.set_interval(LOOK_S, self.look_at_definitions)

    def look_at_definitions(self) -> None:
        """Say so when the file was changed and can be reloaded."""
        changed = self._news.look(self.session.run) if self.session.phase is RunPhase.RUNNING else ""
        if changed:
            key = self.key_of("reload")
            self.say(f"{changed} changed: " + (f"{key} reloads it" if key else "it can be reloaded"))

    def action_reload(self) -> None:
        """Load `pipeline.py` again, look at what would change, and go over to it."""
        self.say("loading the definitions")
        self.host.ask("reload", preview=True, answer=self._reload_seen)

    def _reload_seen(self, reply: Reply) -> None:
        if reply.problems:
            self._tell_problems(reply)
        elif reply.changes is not None and reply.changes.lost:
            from tui_runner.tui.screens.plan_question import PlanQuestion  # noqa: PLC0415 - rarely needed

            _ = self.app.push_screen(PlanQuestion("Reload the definitions", reply.changes), self._reload)
        else:
            self._reload(True)

    def _reload(self, wanted: bool | None) -> None:
        if wanted:
            self.host.ask("reload", answer=self._reloaded)
        else:
            self.say("nothing was changed")

    def _reloaded(self, reply: Reply) -> None:
        if reply.problems:
            self._tell_problems(reply)
        else:
            self.say(_plain(reply))

    def _tell_problems(self, reply: Reply) -> None:
        from tui_runner.tui.screens.definition_problems import DefinitionProblems  # noqa: PLC0415 - rarely needed

        root = "" if self.session.run is None else self.session.run.root
        self.say("nothing was changed: the definitions have problems", error=True)
        _ = self.app.push_screen(DefinitionProblems(reply.problems, root))

    def action_choose_tasks(self) -> None:
        """Show all tasks there are, and add or remove one."""
        self.host.ask("known", answer=self._known)

    def _known(self, reply: Reply) -> None:
        from tui_runner.tui.screens.choose_tasks import ChooseTasks  # noqa: PLC0415 - rarely used

        _ = self.app.push_screen(ChooseTasks(reply.known), self._chosen)

    def _chosen(self, task: KnownTask | None) -> None:
        if task is None:
            return
        if not task.wanted:
            self.host.ask("start", task.id, answer=self._told)
        else:
            self.host.ask("stop", task.id, remove=True, preview=True, answer=partial(self._removal_seen, task.id))

    def _removal_seen(self, task: TaskId, reply: Reply) -> None:
        if not reply.ok or reply.changes is None:
            self._told(reply)
        elif reply.changes.lost:
            from tui_runner.tui.screens.plan_question import PlanQuestion  # noqa: PLC0415 - rarely needed

            _ = self.app.push_screen(PlanQuestion(f"Remove {task}", reply.changes), partial(self._remove, task))
        else:
            self._remove(task, True)

    def _remove(self, task: TaskId, wanted: bool | None) -> None:
        if wanted:
            self.host.ask("stop", task, remove=True, answer=self._told)

    def action_run_other_mode(self) -> None:
        """Ask in which other mode the selected task is to run once, and run it."""
        if (task := self.task_id) is not None:
            self.host.ask("known", answer=partial(self._modes_known, task))

    def _modes_known(self, task: TaskId, reply: Reply) -> None:
        here = "" if self.session.run is None else self.session.run.mode
        modes = next((known.modes for known in reply.known if known.id == task), ())
        others = tuple(mode for mode in modes if mode != here)
        if not others:
            self.say(f"{task} has no other mode")
            return
        from tui_runner.tui.screens.choose_mode import ChooseMode  # noqa: PLC0415 - rarely used

        _ = self.app.push_screen(ChooseMode(task, others), partial(self._run_once, task))

    def _run_once(self, task: TaskId, mode: str | None) -> None:
        if mode:
            self.host.ask("start", task, mode=mode, answer=self._runs_once)

    def _runs_once(self, reply: Reply) -> None:
        self._told(reply)
        for view in reply.tasks:
            self.body.tree_view.move_to(view.id)

    def _told(self, reply: Reply) -> None:
        self.say(_plain(reply), error=not reply.ok)


def _plain(reply: Reply) -> str:
    return reply.message.replace("`", "")
