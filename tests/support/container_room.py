"""Real containers for tests: an engine with storage of its own and one small image, made without any registry.

Needs podman, an OCI runtime and a busybox that is linked statically; docker's programs talk to podman's service. What is
missing is said in the reason for which tests are skipped.
"""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IMAGE = "localhost/tui-runner/busybox:test"
DEADLINE_S = 60.0
"""Engines are slow on a busy machine; only failures take so long."""
_APPLETS = ("sh", "sleep", "echo", "cat", "ls", "touch", "httpd", "env")
_CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
seccomp_profile = "unconfined"
[network]
network_config_dir = "{room}/networks"
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
events_logger = "none"
lock_type = "file"
tmp_dir = "{room}/tmp"
"""
_STORAGE_CONF = """\
[storage]
driver = "vfs"
runroot = "{room}/run"
graphroot = "{room}/graph"
"""


class NoContainersError(Exception):
    """There can be no containers here; the message says why."""


class ContainerRoom:
    """An engine that holds nothing but what the tests make."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.env = {
            **os.environ,
            "CONTAINERS_CONF": str(directory / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
            "DOCKER_HOST": f"unix://{directory}/docker.sock",
        }
        self._service: subprocess.Popen[bytes] | None = None

    def furnish(self) -> None:
        """Make the image and run it once.

        Raises:
            NoContainersError: that cannot be done here.
        """
        for program in ("podman", "runc", "busybox"):
            if shutil.which(program) is None:
                raise NoContainersError(f"{program} is not installed")
        (self.directory / "containers.conf").write_text(_CONTAINERS_CONF.format(room=self.directory))
        (self.directory / "storage.conf").write_text(_STORAGE_CONF.format(room=self.directory))
        root = self.directory / "root"
        (root / "bin").mkdir(parents=True)
        shutil.copy(str(shutil.which("busybox")), root / "bin" / "busybox")
        for applet in _APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        archive = self.directory / "root.tar"
        self._try("tar", "-C", str(root), "-cf", str(archive), ".")
        self._try("podman", "import", str(archive), IMAGE)
        self._try("podman", "network", "create", "trial")
        said = self._try("podman", "run", "--rm", "--network", "trial", IMAGE, "/bin/echo", "a container runs")
        if said.strip() != "a container runs":
            raise NoContainersError(f"a container said {said!r}")
        self._try("podman", "network", "rm", "trial")

    def _try(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise NoContainersError(f"`{' '.join(command[:3])}` fails: {done.stderr.strip()[-300:]}")
        return done.stdout

    def serve_docker(self) -> None:
        """Let docker's programs talk to this engine, from now on."""
        if self._service is not None:
            return
        self._service = subprocess.Popen(
            ["podman", "system", "service", "--time", "0", self.env["DOCKER_HOST"]],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE_S
        while not (self.directory / "docker.sock").exists():
            assert time.monotonic() < deadline, "the service of podman does not listen"
            time.sleep(0.02)

    def podman(self, *arguments: str) -> str:
        """Run podman and return what it prints."""
        done = subprocess.run(
            ["podman", *arguments],
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def containers(self) -> dict[str, str]:
        """Return all containers and their states."""
        return {
            entry["Names"][0]: entry["State"] for entry in json.loads(self.podman("ps", "--all", "--format", "json"))
        }

    def volumes(self) -> list[str]:
        """Return the names of all volumes."""
        return self.podman("volume", "ls", "--quiet").split()

    def networks(self) -> list[str]:
        """Return the names of all networks but podman's own."""
        return [name for name in self.podman("network", "ls", "--format", "{{.Name}}").split() if name != "podman"]

    def empty(self) -> None:
        """Remove everything but the image."""
        for names, remove in (
            (self.containers(), ("rm", "--force", "--time", "0")),
            (self.volumes(), ("volume", "rm")),
            (self.networks(), ("network", "rm")),
        ):
            if names:
                self.podman(*remove, *names)

    def close(self) -> None:
        """Remove everything, and end the service."""
        if (self.directory / "storage.conf").exists():
            self.empty()
        if self._service is not None:
            self._service.terminate()
            self._service.wait()


@contextmanager
def a_room() -> Iterator[ContainerRoom]:
    """Make an engine; its directory has a short name, because sockets lie in it.

    Raises:
        NoContainersError: there can be no containers here.
    """
    directory = Path(tempfile.mkdtemp(prefix="tr-", dir="/tmp"))
    room = ContainerRoom(directory)
    try:
        with alone():
            room.furnish()
        yield room
    finally:
        room.close()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def alone() -> Iterator[None]:
    """Let one test at a time make networks: engines that share a machine choose the same names and addresses."""
    with Path(tempfile.gettempdir(), f"tui-runner-container-tests-{os.geteuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
