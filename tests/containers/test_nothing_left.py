"""However a system of containers ends, no container is left."""

import os
import signal
import sys

import pytest
from compose_ways import any_way
from container_room import IMAGE
from container_system import ContainerSystem, polite
from stage import wait_task
from terminal import Terminal

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

DB = f"""
services:
  db:
    image: {IMAGE}
    command: {polite("db")}
    volumes: ["data:/data"]
volumes:
  data: {{}}
"""


def test_ctrl_c_twice_ends_containers_that_do_not_want_to_stop(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        db = task("db", run=compose(services="db", engine={way!r}))
        it = task("it", run=container(IMAGE, STUBBORN, engine="podman", ready_when="is up", stop_timeout="1h"))
        main = pipeline([db, it])
        """,
        DB,
    )
    process = system.start("dev", "--no-tui")
    system.until_printed("db: up and healthy")
    system.until_printed("is up")
    process.send_signal(signal.SIGINT)
    system.until_printed("db leaves\n")
    assert {"running", "stopping"}.intersection(system.room.containers().values()), "one does not want to"
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert system.room.containers() == {}
    assert len(system.room.volumes()) == 1


def test_q_takes_containers_down(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(f'main = pipeline([task("db", run=compose(services="db", engine={way!r}))])', DB)
    command = [sys.executable, "-P", "-m", "tui_runner", "dev"]
    with Terminal(command, cwd=system.root, env=system.env) as terminal:
        terminal.wait_for("db: up and healthy", deadline_s=60)
        wait_task(terminal, "db", "ready")
        terminal.press("q")
        assert terminal.wait_exit(60) == 0
    assert system.room.containers() == {}
    assert system.room.networks() == []


def test_a_killed_supervisor_leaves_no_container(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        db = task("db", run=compose(services="db", engine={way!r}))
        it = task("it", run=container(IMAGE, POLITE, engine="podman", ready_when="is up"), depends_on=[db])
        main = pipeline([it])
        """,
        DB,
    )
    process = system.start("dev", "--no-tui")
    system.until_printed("is up")
    process.kill()
    process.wait()
    system.until_empty()
    system.until(lambda: not system.room.networks(), "the network to be gone")


def test_supervisor_and_guardian_killed_at_once_leave_no_container(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        db = task("db", run=compose(services="db", engine={way!r}))
        it = task("it", run=container(IMAGE, POLITE, engine="podman", ready_when="is up"), depends_on=[db])
        main = pipeline([it])
        """,
        DB,
    )
    process = system.start("dev", "--no-tui")
    system.until_printed("is up")
    system.kill_with_guardian(process)
    system.until_empty()
    system.until(lambda: not system.programs_in_front(), "the programs in front to end")


def test_what_a_massacre_leaves_is_gone_after_the_next_run(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        db = task("db", run=compose(services="db", engine={way!r}))
        it = task("it", run=container(IMAGE, POLITE, engine="podman", ready_when="is up"), depends_on=[db])
        use = task("use", commands={{"build": "echo used", "dev": "exec sleep 1000"}}, depends_on=[it])
        main = pipeline([use])
        """,
        DB,
    )
    process = system.start("dev", "--no-tui")
    system.until_printed("is up")
    for pid in system.programs_in_front():
        os.kill(pid, signal.SIGSTOP)
    victims = system.programs_in_front()
    system.kill_with_guardian(process)
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    system.until(lambda: not system.programs_in_front(), "the programs in front to be dead")
    assert [*system.room.containers().values()] == ["running", "running"]
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert system.room.containers() == {}
