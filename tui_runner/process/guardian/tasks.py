"""All tasks of the guardian: spawning, stopping, teardown, closing. Emits events; knows neither socket nor poll."""

from __future__ import annotations

import os
from time import monotonic

from tui_runner.process.guardian import activation as teardowns
from tui_runner.process.guardian import ladder as phases
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.activation import Activation, close_all, open_log
from tui_runner.process.guardian.adoption import Adoption, Lookout
from tui_runner.process.guardian.auxiliary import Auxiliaries
from tui_runner.process.guardian.heritage import UNKNOWN_END, Heritage, InheritedCommand, InheritedGroup
from tui_runner.process.guardian.journal import Journal
from tui_runner.process.guardian.ladder import Group, Ladder
from tui_runner.process.guardian.spawner import Spawner, SpawnError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from resource import struct_rusage

    from tui_runner.process.guardian.frames import Message
    from tui_runner.process.redaction import Redaction

_HUNT_S = 0.005
"""Pause between two hunts for escaped processes of an activation that closes or begins anew."""
_MOST_HUNTS = 400
"""Then what is left cannot be killed by us."""


class Tasks:
    """The activations and everything that runs for them."""

    def __init__(self, marker: str, emit: Callable[[Message], None], emit_at_once: Callable[[Message], None]) -> None:
        """`emit_at_once` returns when the supervisor will hear it, whatever becomes of us."""
        self.emit = emit
        self.emit_at_once = emit_at_once
        self.activations: dict[str, Activation] = {}
        self.spawner = Spawner(marker)
        self.auxiliaries = Auxiliaries()
        self.on_gone: Callable[[Activation], None] = lambda _: None
        """Told when the last process of a task's group has ended."""
        self.on_teardown_ended: Callable[[Activation], None] = lambda _: None
        self.on_closed: Callable[[str], None] = lambda _: None
        self.outlet: Callable[[str | None], int | None] = open_log
        """Returns where a command writes to that prints straight into a log."""
        self.redaction: Redaction | None = None
        """Takes secrets out of what goes into logs without the supervisor; None: there are none."""
        self._ladder = Ladder(self._group_gone, self._group_escalated)
        self.journal = Journal(marker)
        self.heritage = Heritage(marker)
        self._adoption = Adoption(marker, self.journal.orphan)
        self._lookout = Lookout()
        self._leaders: dict[int, Activation] = {}
        self._hunting: set[str] = set()

    def hide(self, hidden: tuple[bytes, ...]) -> None:
        """Keep these, and those of before, out of logs."""
        if not hidden:
            return
        from tui_runner.process.redaction import Redaction

        if self.redaction is None:
            self.redaction = Redaction(())
            self.outlet = lambda _: None  # nobody reads along now
        self.redaction.learn(hidden)
        self.journal.hiding(self.redaction.hidden)

    def spawn(self, request: Message, fds: list[int]) -> None:
        """Spawn an attempt; a new one of the same task keeps the activation."""
        task: str = request["id"]
        activation = self.activations.get(task) or Activation(task)
        self.journal.spawning(request)
        try:
            _check(activation, arrived=len(fds), announced=request["nfds"])
            env = self.spawner.environment(task, request["env"])
            pid = self._start(activation, request, env, fds)
        except SpawnError as error:
            failed = {"ev": "spawn-failed", "id": task, "attempt": request["attempt"], "message": str(error)}
            self.emit(failed | {"errno": error.errno, "stage": error.stage})
            close_all(fds)
            if task not in self.activations:
                self.journal.closed(task)
            return
        start = process_table.start_of_new(pid)
        self.journal.spawned(task, pid, start)
        self.activations[task] = activation
        activation.describe(request, env)
        activation.group = Group(pid, activation, request["stop_signal"], request["stop_timeout"])
        if activation.teardown_state == teardowns.NONE and request["teardown"]:
            activation.teardown_state = teardowns.DUE
        self._leaders[pid] = activation
        if self.journal.is_open:
            self._lookout.spawned(monotonic())
        self.emit({"ev": "started", "id": task, "attempt": activation.attempt, "pid": pid, "start": start})

    def inherit(self, request: Message, fds: list[int]) -> None:
        """Take over an activation that a killed guardian has left, in whatever state it is, with read ends of its output."""
        activation = Activation(request["id"])
        activation.outputs.extend(fds)
        activation.describe(request, self.spawner.environment(request["id"], request["env"]))
        activation.teardown_state = request["teardown_state"]
        self.activations[activation.task] = activation
        self._adoption.look_everywhere()
        if request["pid"] is not None:
            activation.group = self.heritage.take_group(request, activation)
        if activation.teardown_state == teardowns.RUNNING:
            self._inherit_teardown(activation, request["teardown_pid"], request["teardown_start"])

    def _inherit_teardown(self, activation: Activation, pid: int, start: int) -> None:
        def ended(_code: int, timed_out: bool) -> None:
            self._teardown_ended(activation, _too_long(activation) if timed_out else UNKNOWN_END)

        command = InheritedCommand(pid, start, monotonic() + activation.teardown_timeout, ended)
        activation.teardown = command
        self.auxiliaries.take(command)
        self.heritage.take_command(command)

    def _start(self, activation: Activation, request: Message, env: dict[str, str], fds: list[int]) -> int:
        """Start the leader, then keep the read ends only. `fds` is empty afterwards."""
        if request["slave"] is None:
            pid = self.spawner.spawn(request["argv"], request["cwd"], env, fds[0], fds[1])
            os.close(fds.pop(0))
            os.close(fds.pop(0))
        else:
            try:
                slave = os.open(request["slave"], os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
            except OSError as error:
                raise SpawnError("fds", error) from None
            try:
                pid = self.spawner.spawn_on_terminal(request["argv"], request["cwd"], env, request["slave"])
            except SpawnError:
                os.close(slave)
                raise
            activation.drop_slave()
            activation.slave = slave
        activation.drop_outputs()
        activation.outputs.extend(fds)
        fds.clear()
        return pid

    def stop(self, activation: Activation, fds: list[int]) -> None:
        """Begin the stop ladder: the stop command if there is one, else the signal."""
        group = activation.group
        if isinstance(group, InheritedGroup):
            self.heritage.note_descendants({group.pid})
        if group is not None and group.phase == phases.RUNNING:
            if activation.stop_command is None:
                self._ladder.end(group, monotonic())
            else:
                self._ladder.ask(group, monotonic())
                self._run_stop_command(activation, activation.stop_command, group, fds)
        close_all(fds)

    def _run_stop_command(self, activation: Activation, command: list[str], group: Group, fds: list[int]) -> None:
        def ended(code: int, _timed_out: bool) -> None:
            activation.stopper = None
            if code != 0 and group.phase == phases.ASKED:
                self._ladder.end(group, monotonic())

        try:
            pid = self._run_beside(activation, command, fds)
        except SpawnError:
            self._ladder.end(group, monotonic())
            return
        activation.stopper = self.auxiliaries.add(pid, group.deadline, ended, fds)

    def _run_beside(self, activation: Activation, command: list[str], fds: list[int]) -> int:
        """Start a teardown or stop command; its output goes to the first of `fds`, which is closed.

        Without any it goes straight to the log: so it is after a takeover.
        """
        out = fds.pop(0) if fds else self.outlet(activation.log)
        try:
            return self.spawner.spawn(command, activation.cwd, activation.env, out, out)
        finally:
            if out is not None:
                os.close(out)

    def kill(self, activation: Activation) -> None:
        """SIGKILL the group at once, and the stop command with it."""
        if activation.stopper is not None:
            activation.stopper.kill()
        if activation.group is not None:
            self._ladder.kill(activation.group, monotonic())

    def teardown(self, activation: Activation, command: list[str] | None, fds: list[int]) -> None:
        """Run the teardown if it is still due; a newer command line may replace the one of the spawn."""

        def ended(code: int, timed_out: bool) -> None:
            if activation.teardown is not None:  # what nobody has read yet is read if the supervisor dies
                activation.outputs.extend(activation.teardown.outputs)
                activation.teardown.outputs.clear()
            self._teardown_ended(activation, _too_long(activation) if timed_out else code)

        command = command or activation.teardown_command
        if activation.teardown_state != teardowns.DUE or command is None:
            close_all(fds)
            return
        activation.teardown_state = teardowns.RUNNING
        self.journal.tearing_down(activation.task)
        self.emit_at_once({"ev": "tearing-down", "id": activation.task})
        try:
            pid = self._run_beside(activation, command, fds)
        except SpawnError as error:
            close_all(fds)
            self._teardown_ended(activation, _unstartable(command[0], activation.cwd, error))
            return
        activation.teardown = self.auxiliaries.add(pid, monotonic() + activation.teardown_timeout, ended, fds)
        start = process_table.start_of_new(pid)
        self.journal.teardown_runs(activation.task, pid, start)
        self.emit({"ev": "teardown-started", "id": activation.task, "pid": pid, "start": start})

    def _teardown_ended(self, activation: Activation, outcome: int | str) -> None:
        activation.teardown_state = teardowns.DONE
        activation.teardown = None
        message = outcome if isinstance(outcome, str) else None
        code = outcome if isinstance(outcome, int) else None
        self.journal.torn_down(activation.task, code, message)
        self.emit({"ev": "teardown-ended", "id": activation.task, "code": code, "message": message})
        self.on_teardown_ended(activation)

    def close(self, activation: Activation) -> None:
        """End the activation: kill what still runs for it, hunt what escaped, then forget it."""
        activation.closing = True
        for command in (activation.teardown, activation.stopper):
            if command is not None:
                command.kill()
        self.kill(activation)
        self._try_close(activation)

    def _try_close(self, activation: Activation) -> None:
        group = activation.group
        task = activation.task
        if self.activations.get(task) is not activation or (group is not None and group.phase != phases.GONE):
            return
        if not self._has_swept(activation):
            return
        if activation.begins_anew:
            self._group_and_escaped_gone(activation)
        activation.drop_outputs()
        activation.drop_slave()
        del self.activations[task]
        if not self.activations:
            self._lookout.rest()
        self.journal.closed(task)
        self.emit({"ev": "closed", "id": task})
        self.on_closed(task)

    def _try_begin_anew(self, activation: Activation) -> None:
        if self._has_swept(activation):
            activation.sweeps = 0
            self._group_and_escaped_gone(activation)

    def _has_swept(self, activation: Activation) -> bool:
        """Hunt what escaped from a task; tell whether nothing of it was found, or it cannot be killed by us."""
        task = activation.task
        self._adoption.refresh(self._is_ours)
        if activation.sweeps < _MOST_HUNTS and self._adoption.hunt(task, activation.sweeps):
            activation.sweeps += 1
            self._hunting.add(task)
            return False
        self._hunting.discard(task)
        self._adoption.closed(task)
        return True

    def _group_and_escaped_gone(self, activation: Activation) -> None:
        activation.begins_anew = False
        self.emit({"ev": "gone", "id": activation.task, "attempt": activation.attempt})

    def kill_all(self) -> None:
        """SIGKILL every group and command."""
        for activation in self.activations.values():
            self.kill(activation)
        self.auxiliaries.kill_all()

    def _is_ours(self, pid: int) -> bool:
        return pid in self._leaders or pid in self.auxiliaries

    def dying(self, pid: int) -> None:
        """React to a child that is a zombie now and will be reaped next."""
        activation = self._leaders.get(pid)
        if activation is not None and activation.group is not None:
            self._ladder.leader_dying(activation.group, monotonic())
        elif pid in self.auxiliaries:
            self.auxiliaries.dying(pid)

    def reaped(self, pid: int, code: int, usage: struct_rusage) -> None:
        """Report a child that was reaped."""
        activation = self._leaders.pop(pid, None)
        if activation is not None and activation.group is not None:
            self._leader_gone(activation, activation.group, code, (usage.ru_utime, usage.ru_stime, usage.ru_maxrss))
        elif pid in self.auxiliaries:
            self.auxiliaries.reaped(pid, code)
        else:
            self._adoption.reaped(pid)

    def _inherited_leader_gone(self, group: InheritedGroup) -> None:
        self._ladder.leader_dying(group, monotonic())
        self._leader_gone(group.owner, group, None, (0.0, 0.0, 0))

    def _leader_gone(
        self, activation: Activation, group: Group, code: int | None, usage: tuple[float, float, int]
    ) -> None:
        gone = self._ladder.leader_reaped(group, monotonic())
        activation.drop_slave()
        self._adoption.refresh(self._is_ours)
        self.emit(
            {
                "ev": "exited",
                "id": activation.task,
                "attempt": activation.attempt,
                "code": code,
                "utime": usage[0],
                "stime": usage[1],
                "maxrss": usage[2],
                "gone": gone and not activation.begins_anew,
                "escaped": self._adoption.may_have(activation.task),
            }
        )
        if gone:
            self._after_gone(activation)

    def _group_gone(self, group: Group) -> None:
        if not group.owner.begins_anew:
            self.emit({"ev": "gone", "id": group.owner.task, "attempt": group.owner.attempt})
        self._after_gone(group.owner)

    def _group_escalated(self, group: Group) -> None:
        self.emit({"ev": "escalated", "id": group.owner.task})

    def _after_gone(self, activation: Activation) -> None:
        activation.drop_outputs()
        self.on_gone(activation)
        if activation.closing:
            self._try_close(activation)
        elif activation.begins_anew:
            self._try_begin_anew(activation)

    def tick(self, now: float) -> None:
        """Do what time has made due."""
        self._ladder.tick(now)
        self.auxiliaries.tick(now)
        self.heritage.tick(self._inherited_leader_gone, lambda pid: self.auxiliaries.reaped(pid, 0))
        if self._lookout.is_due(now):
            self._adoption.refresh(self._is_ours)
        for activation in [self.activations[task] for task in self._hunting]:
            if activation.closing:
                self._try_close(activation)
            else:
                self._try_begin_anew(activation)

    def delay(self, now: float) -> float | None:
        """Return in how many seconds `tick` is due; None when nothing is timed."""
        hunt = _HUNT_S if self._hunting else None
        looks = self._lookout.delay(now)
        delays = (self._ladder.delay(now), self.auxiliaries.delay(now), self.heritage.delay(), looks, hunt)
        return min((delay for delay in delays if delay is not None), default=None)


def _check(activation: Activation, *, arrived: int, announced: int) -> None:
    """Refuse a spawn that cannot go well."""
    if activation.group is not None and activation.group.phase != phases.GONE:
        raise SpawnError("exec", OSError(16, "its previous attempt is still there"))
    if arrived != announced:
        raise SpawnError("fds", OSError(24, "descriptors were lost on the way: too many open files"))


def _too_long(activation: Activation) -> str:
    """Return why a teardown was killed, for people."""
    return f"it ran longer than its timeout of {activation.teardown_timeout:g} s and was killed"


def _unstartable(program: str, cwd: str, error: SpawnError) -> str:
    """Return why a teardown was not started, for people."""
    if error.stage == "cwd":
        return f"its directory {cwd} cannot be entered: {error}"
    return f"{program} could not be started: {error}"
