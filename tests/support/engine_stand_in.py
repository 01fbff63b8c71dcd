"""Programs that answer as container engines do, for versions that are not on this machine: real processes, no containers."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tui_runner import containers

PROGRAM = [sys.executable, "-I", "-S", str(Path(containers.__file__).parent)]
DEADLINE_S = 20.0
_TOOLS = ("cat", "grep", "mv", "rm", "sed", "sleep")
_SCRIPT = """\
#!/bin/sh
cd {room} || exit 9
name=${{0##*/}}
echo "$name $*" >> calls
[ -e "$name-fails" ] && {{ cat "$name-fails" >&2; exit 1; }}
case "$name $*" in
"docker version "*|"podman info "*) echo 1.0;;
*" compose version") [ -e "$name-has-compose" ];;
*" config --services") cat services;;
*" up "*|*" run "*)
    echo "the service speaks"
    title=shop-db-1
    while [ $# -gt 0 ]; do [ "$1" = --name ] && title=$2; shift; done
    sed "s/NAME/$title/" running > "state-$$"
    mv "state-$$" state  # at once: to the one that is up already, half a state means that its service has ended
    while [ -e state ] && grep -q running state; do sleep 0.02; done
    echo "the service is silent";;
*" ps "*) [ ! -e state ] || echo 0123456789abcdef;;
*" inspect "*) cat state;;
*" stop "*) sed -i s/running/exited/ state;;
*" kill "*|*" rm "*|*" down "*) rm -f state;;
esac
"""


def container(status: str, *, service: str = "db", exit_code: int = 0, health: str | None = None) -> str:
    """Return what an engine says about one container."""
    state = {"Status": status, "ExitCode": exit_code, "StartedAt": "now"}
    if health is not None:
        state["Health"] = {"Status": health}
    labels = {"com.docker.compose.service": service}
    return json.dumps([{"Id": "0123456789abcdef", "Name": "/NAME", "Config": {"Labels": labels}, "State": state}])


class EngineStandIn:
    """A directory with stand-ins that comes first in PATH, and in which they note how they were called."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.programs = room / "programs"
        self.programs.mkdir(parents=True)
        self.tools = room / "tools"
        self.tools.mkdir()
        for tool in _TOOLS:
            (self.tools / tool).symlink_to(str(shutil.which(tool)))
        self._started: list[subprocess.Popen[str]] = []
        self.work = room / "shop"
        self.work.mkdir()
        (room / "running").write_text(container("running"))
        (room / "services").write_text("db\n")

    @property
    def env(self) -> Mapping[str, str]:
        """Only the stand-ins and what a shell needs can be found."""
        return {**os.environ, "PATH": f"{self.programs}{os.pathsep}{self.tools}", "TUI_RUNNER_TASK": "it"}

    def install(self, *names: str) -> None:
        """Put stand-ins of these names there; `docker compose` and `podman compose` are plugins."""
        for name in names:
            program, _, plugin = name.partition(" ")
            if plugin:
                (self.room / f"{program}-has-compose").touch()
            else:
                path = self.programs / program
                path.write_text(_SCRIPT.format(room=self.room))
                path.chmod(0o755)

    def fails(self, name: str, words: str) -> None:
        """Let a program fail whatever it is asked."""
        (self.room / f"{name}-fails").write_text(f"{words}\n")

    def calls(self) -> list[str]:
        """Return how the programs were called."""
        path = self.room / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def start(self, verb: str, order: Mapping[str, object]) -> "subprocess.Popen[str]":
        """Start the program in front of containers."""
        process = subprocess.Popen(
            [*PROGRAM, verb, json.dumps(order)],
            cwd=self.work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """Let everything end that a test has left."""
        (self.room / "state").unlink(missing_ok=True)
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait(DEADLINE_S)
            if process.stdout is not None:
                process.stdout.close()

    def run(self, verb: str, order: Mapping[str, object]) -> tuple[int, str]:
        """Run the program to its end; return its exit code and what it printed."""
        process = self.start(verb, order)
        printed, _ = process.communicate(timeout=DEADLINE_S)
        return process.returncode, printed

    def until_called(self, words: str) -> None:
        """Wait until a program was called with these words."""
        deadline = time.monotonic() + DEADLINE_S
        while not any(words in call for call in self.calls()):
            assert time.monotonic() < deadline, self.calls()
            time.sleep(0.01)
