"""Performs the verbs of clients on the run, and says in words what came of them.

Must not know connections: what a verb means to the connection (`detach`) is the server's business.
"""

import signal
from typing import assert_never

from tui_runner.control.dependents import restarted_dependents, running_dependents
from tui_runner.control.plan_desk import PlanDesk
from tui_runner.control.protocol import Command, Reply
from tui_runner.control.supervised import Supervised, TaskVerb
from tui_runner.model.state import Aborted, Completed, Failed, Ready, Running, Skipped, Stopping, TaskState, is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import FileWatch, RunPhase, TaskView
from tui_runner.planning.nearest import suggestion
from tui_runner.planning.once import once_id
from tui_runner.scheduling.event import StopCause

_ASKED = {
    RunPhase.RUNNING: "stopping everything in order",
    RunPhase.STOPPING: "killing what still runs; teardowns still run",
    RunPhase.KILLING: "giving up on teardowns",
    RunPhase.ABANDONING: "already giving up on teardowns",
    RunPhase.ENDED: "everything has stopped",
}
_WATCHING = {
    FileWatch.OFF: "no task of this run watches files",
    FileWatch.ON: "files are watched; what has changed meanwhile counts now",
    FileWatch.PAUSED: "changes of watched files wait until you resume watching",
}


class CommandDesk:
    """Answers commands of one run."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._plans = PlanDesk(supervised)

    async def perform(self, command: Command) -> Reply:
        """Do what is asked and return the answer: at once, or when it is done with `wait`."""
        match command.verb:
            case "ps":
                usage = await self._supervised.usage.look() if command.usage else ()
                run = self._supervised.run_view
                return Reply(id=command.id, ok=True, tasks=self._supervised.views(), run=run, usage=usage)
            case "down":
                return await self._down(command)
            case "start" | "stop" | "restart":
                return await self._perform_on_task(command, command.verb)
            case "reload":
                return await self._plans.reload(command)
            case "known":
                return self._plans.known(command)
            case "details":
                return await self._details(command)
            case "signal":
                return self._signal(command)
            case "pause-watching":
                return self._turn_file_watch(command, FileWatch.PAUSED)
            case "resume-watching":
                return self._turn_file_watch(command, FileWatch.ON)
            case "detach":
                return Reply(id=command.id, ok=True, message="the run goes on by itself")
            case _:
                assert_never(command.verb)

    async def _down(self, command: Command) -> Reply:
        message = _ASKED[self._supervised.run_view.phase]
        self._supervised.stop_run(StopCause.PERSON, "asked to stop")
        if command.wait:
            await self._supervised.wait_ended()
            message = "everything has stopped"
        run = self._supervised.run_view
        return Reply(id=command.id, ok=True, message=message, tasks=self._supervised.views(), run=run)

    async def _perform_on_task(self, command: Command, verb: TaskVerb) -> Reply:
        if verb == "start" and command.mode and command.task:
            return await self._run_once(command, command.task)
        found = self._task_of(command)
        if isinstance(found, Reply) and verb == "start" and command.task and self._plans.knows(command.task):
            return await self._add(command, command.task)
        if isinstance(found, Reply):
            return found
        task = found.id
        if verb == "stop" and command.remove:
            return await self._plans.remove(command, task)
        if self._supervised.run_view.phase is not RunPhase.RUNNING:
            message = f"cannot {verb} `{task}`: the whole run is being stopped"
            return Reply(id=command.id, ok=False, message=message)
        along = self._goes_along(task, verb, with_dependents=command.with_dependents)
        self._request(task, verb, with_dependents=command.with_dependents)
        if not command.wait:
            message = _requested(verb, task, along)
            return Reply(id=command.id, ok=True, message=message, tasks=self._views((task, *along)))
        waits_for = along if verb == "restart" else ()  # what goes first is gone when it is
        view = await self._supervised.wait_settled(task, verb, *waits_for)
        ok, message = _outcome(verb, view)
        others = self._views(along)
        if along and verb == "stop":
            message += f", after {_listed(along)}, which {_needs(along)} it"
        elif along:
            outcomes = [(other.id, *_outcome(verb, other)) for other in others]
            good = tuple(other for other, came_up, _ in outcomes if came_up)
            ok = ok and len(good) == len(outcomes)
            told = [f"{_listed(good)} came along"] if good else []
            message = "; ".join([message, *told, *(bad for _, came_up, bad in outcomes if not came_up)])
        return Reply(id=command.id, ok=ok, message=message, tasks=(view, *others))

    async def _add(self, command: Command, task: TaskId) -> Reply:
        """Bring up a task that was not wanted until now."""
        added = await self._plans.add(command, task)
        if not added.ok or not command.wait:
            return added
        view = await self._supervised.wait_settled(task, "start")
        ok, message = _outcome("start", view)
        message = f"{added.message}; {message}"
        return Reply(id=command.id, ok=ok, message=message, tasks=(view,), changes=added.changes)

    async def _run_once(self, command: Command, task: TaskId) -> Reply:
        """Run a task in another mode, beside what runs; again if it has run before."""
        once = once_id(task, command.mode)
        if any(view.id == once for view in self._supervised.views()):
            self._supervised.start_task(once)
        elif not (added := await self._plans.run_once(command, task)).ok:
            return added
        if not command.wait:
            return Reply(id=command.id, ok=True, message=f"running `{once}`", tasks=self._views((once,)))
        view = await self._supervised.wait_settled(once, "start")
        ok, message = _outcome("start", view)
        return Reply(id=command.id, ok=ok, message=message, tasks=(view,))

    def _goes_along(self, task: TaskId, verb: TaskVerb, *, with_dependents: bool) -> tuple[TaskId, ...]:
        match verb:
            case "stop":
                return running_dependents(self._supervised.views(), task)
            case "restart" if with_dependents:
                return restarted_dependents(self._supervised.views(), task)
            case _:
                return ()

    async def _details(self, command: Command) -> Reply:
        found = self._task_of(command)
        if isinstance(found, Reply):
            return found
        return Reply(id=command.id, ok=True, tasks=(found,), details=await self._supervised.details(found.id))

    def _signal(self, command: Command) -> Reply:
        found = self._task_of(command)
        if isinstance(found, Reply):
            return found
        name = f"`{found.id}`"
        number = signal.Signals.__members__.get(command.signal)
        if number is None:
            return Reply(id=command.id, ok=False, message=f"there is no signal `{command.signal}` on this system")
        if found.composite:
            return Reply(id=command.id, ok=False, message=f"{name} is a pipeline: its tasks take signals, it does not")
        if not isinstance(found.state, Running | Ready | Stopping):
            return Reply(id=command.id, ok=False, message=f"{name} does not run: {command.signal} was not sent")
        self._supervised.signal_task(found.id, number)
        return Reply(id=command.id, ok=True, message=f"sent {command.signal} to {name}", tasks=(found,))

    def _turn_file_watch(self, command: Command, wanted: FileWatch) -> Reply:
        now = self._supervised.turn_file_watch(wanted)
        return Reply(id=command.id, ok=now is wanted, message=_WATCHING[now], run=self._supervised.run_view)

    def _task_of(self, command: Command) -> TaskView | Reply:
        """Return the task a command is about, or the answer when there is none of this name."""
        if command.task is None:
            return Reply(id=command.id, ok=False, message=f"`{command.verb}` needs the name of a task")
        try:
            return self._supervised.view(command.task)
        except KeyError:
            help_text = suggestion(command.task, (view.id for view in self._supervised.views()))
            return Reply(id=command.id, ok=False, message=f"there is no task `{command.task}`: {help_text}")

    def _request(self, task: TaskId, verb: TaskVerb, *, with_dependents: bool) -> None:
        match verb:
            case "start":
                self._supervised.start_task(task)
            case "stop":
                self._supervised.stop_task(task)
            case "restart":
                self._supervised.restart_task(task, with_dependents=with_dependents)
            case _:
                assert_never(verb)

    def _views(self, tasks: tuple[TaskId, ...]) -> tuple[TaskView, ...]:
        return tuple(self._supervised.view(task) for task in tasks)


def _requested(verb: TaskVerb, task: TaskId, along: tuple[TaskId, ...]) -> str:
    doing = {"start": "starting", "stop": "stopping", "restart": "restarting"}[verb]
    if not along:
        return f"{doing} `{task}`"
    if verb == "restart":
        return f"{doing} `{task}` and {_listed(along)}, which {_needs(along)} it"
    return f"{doing} {_listed(along)} first, which {_needs(along)} `{task}`"


def _outcome(verb: TaskVerb, view: TaskView) -> tuple[bool, str]:
    name = f"`{view.id}`"
    state: TaskState = view.state
    match state:
        case Failed(failure=failure) if verb != "stop":
            return False, f"{name} failed: {failure.message}"
        case Ready() if verb != "stop":
            return True, f"{name} is ready"
        case Skipped() if verb != "stop":
            return True, f"{name} has nothing to run: {state.reason.words}"
        case Running() if verb != "stop":
            silent = not view.composite and not view.ready_when
            return True, f"{name} is running" + (", and has no `ready_when` to wait for" if silent else "")
        case Completed(stopped=False) if verb != "stop":
            return True, f"{name} completed"
        case _ if verb == "stop":
            return (False, f"{name} is still running") if is_alive(state) else (True, f"{name} is stopped")
        case Completed() | Aborted():
            return False, f"{name} was stopped before it was ready"
        case _:
            return False, f"{name} did not start: it is {_word(state)}"


def _word(state: TaskState) -> str:
    blocked_by = getattr(state, "blocked_by", None)
    return f"blocked by `{blocked_by}`" if blocked_by else type(state).__name__.lower()


def _listed(tasks: tuple[TaskId, ...]) -> str:
    named = [f"`{task}`" for task in tasks[:5]]
    if len(tasks) > 5:
        named.append(f"{len(tasks) - 5} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _needs(tasks: tuple[TaskId, ...]) -> str:
    return "needs" if len(tasks) == 1 else "need"
