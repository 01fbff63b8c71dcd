"""Spawning: posix_spawn with the right environment, directory, signals and limits. Policy is not decided here."""

from __future__ import annotations

import os
import sys

from tui_runner.process.guardian import open_files, signals

_LINUX = sys.platform == "linux"


class SpawnError(Exception):
    """Nothing was started. `stage` is `cwd`, `exec` or `fds`."""

    def __init__(self, stage: str, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.stage = stage
        self.errno = error.errno or 0


class Spawner:
    """Starts processes, each in a session and group of its own.

    A command is a list: the executable's path, then argv as the program will see it.
    """

    def __init__(self, marker: str) -> None:
        self.base_env: dict[str, str] = {}
        self._marker = marker
        self._null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
        self._limits = open_files.limits()
        """What children get back."""
        self._raised = open_files.raise_limit()

    def environment(self, task: str, delta: dict[str, str | None]) -> dict[str, str]:
        """Return the environment of a child of a task; None in `delta` removes a variable."""
        env = dict(self.base_env)
        for name, value in delta.items():
            if value is None:
                env.pop(name, None)
            else:
                env[name] = value
        env["TUI_RUNNER_RUN"] = self._marker
        env["TUI_RUNNER_TASK"] = task
        return env

    def spawn(self, command: list[str], cwd: str, env: dict[str, str], out: int | None, err: int | None) -> int:
        """Start a command with its output going to two descriptors (None: nowhere) and no input; return its pid.

        Raises:
            SpawnError: it could not be started.
        """
        null = self._null
        actions = (
            (os.POSIX_SPAWN_DUP2, null, 0),
            (os.POSIX_SPAWN_DUP2, null if out is None else out, 1),
            (os.POSIX_SPAWN_DUP2, null if err is None else err, 2),
        )
        return self._start(command, cwd, env, actions)

    def spawn_on_terminal(self, command: list[str], cwd: str, env: dict[str, str], slave: str) -> int:
        """Start a command whose controlling terminal is the pseudo-terminal at `slave`; return its pid.

        Raises:
            SpawnError: it could not be started.
        """
        if not _LINUX:
            return self._fork_on_terminal(command, cwd, env, slave)
        # The first terminal that a session leader without one opens becomes its controlling terminal.
        actions = (
            (os.POSIX_SPAWN_OPEN, 0, slave, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        )
        return self._start(command, cwd, env, actions)

    def _start(
        self, command: list[str], cwd: str, env: dict[str, str], actions: tuple[tuple[int | str, ...], ...]
    ) -> int:
        self._enter(cwd)
        lowered = self._raised != self._limits
        try:
            if lowered:
                open_files.set_limits(self._limits)
            return os.posix_spawn(
                command[0],
                command[1:],
                env,
                file_actions=actions,
                setsid=True,
                setsigmask=(),
                setsigdef=signals.RESET,
            )
        except OSError as error:
            raise SpawnError("exec", error) from None
        except ValueError as error:  # a NUL byte inside
            raise SpawnError("exec", OSError(22, str(error))) from None
        finally:
            if lowered:
                open_files.set_limits(self._raised)
            os.chdir("/")

    def _fork_on_terminal(self, command: list[str], cwd: str, env: dict[str, str], slave: str) -> int:
        """Start by fork: macOS gives no controlling terminal by opening one. Reasoned, not tested there."""
        self._enter(cwd)
        try:
            terminal = os.open(slave, os.O_RDWR | os.O_NOCTTY)
        except OSError as error:
            os.chdir("/")
            raise SpawnError("fds", error) from None
        pid = os.fork()
        if pid == 0:
            try:
                signals.restore()
                os.login_tty(terminal)
                open_files.set_limits(self._limits)
                os.execve(command[0], command[1:], env)
            finally:
                os._exit(127)
        os.close(terminal)
        os.chdir("/")
        return pid

    @staticmethod
    def _enter(cwd: str) -> None:
        try:
            os.chdir(cwd)
        except OSError as error:
            raise SpawnError("cwd", error) from None
        except ValueError as error:
            raise SpawnError("cwd", OSError(22, str(error))) from None
