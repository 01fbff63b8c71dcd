"""Single containers as tasks: services and steps, with real containers."""

import shutil

import pytest
from container_room import IMAGE
from container_system import ContainerSystem

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(params=["podman", "docker"])
def engine(request: pytest.FixtureRequest, system: ContainerSystem) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    if name == "docker":
        system.room.serve_docker()
    return name


def test_a_service_is_up_for_those_that_need_it_and_gone_afterwards(engine: str, system: ContainerSystem) -> None:
    system.write(
        f"""
        it = task("it", run=container(IMAGE, POLITE, engine={engine!r}, ready_when=healthy()))
        use = task("use", run="echo used", depends_on=[it])
        main = pipeline([use])
        """
    )
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert f"tui-runner: {engine}, container it-" in done.stdout
    assert done.stdout.index("up and healthy") < done.stdout.index("used") < done.stdout.index("leaves politely")
    assert system.room.containers() == {}


def test_a_step_ends_with_the_exit_code_of_its_container(engine: str, system: ContainerSystem) -> None:
    system.write(
        f"""
        fine = task("fine", run=container(IMAGE, ["echo", "all is fine"], engine={engine!r}))
        bad = task("bad", run=container(IMAGE, ["sh", "-c", "exit 7"], engine={engine!r}), depends_on=[fine])
        main = pipeline([bad])
        """
    )
    done = system.run("run", "bad")
    assert done.returncode == 1
    assert "all is fine" in done.stdout
    assert "exit code 7" in done.stdout
    assert system.room.containers() == {}


def test_the_container_gets_variables_and_their_values_stand_in_no_command_line(
    engine: str, system: ContainerSystem
) -> None:
    system.write(
        f"""
        it = task("it", run=container(
            IMAGE, ["sh", "-c", "echo token is $TOKEN; while true; do sleep 0.1; done"],
            env={{"TOKEN": "very-private-words"}}, engine={engine!r}, ready_when="token is", stop_timeout=0))
        look = task("look", run="cat /proc/[0-9]*/cmdline | tr '\\\\0' ' ' | grep -c very-private-[w]ords", depends_on=[it])
        main = pipeline([look])
        """
    )
    done = system.run("run", "look")
    assert "token is very-private-words" in done.stdout
    assert "look | 0" in done.stdout, done.stdout


def test_a_directory_of_the_workspace_can_be_mounted(engine: str, system: ContainerSystem) -> None:
    (system.root / "data").mkdir()
    (system.root / "data" / "greeting").write_text("hello from outside\n")
    system.write(
        f"""
        it = task("it", cwd="data", run=container(
            IMAGE, ["cat", "/data/greeting"], volumes=[".:/data"], engine={engine!r}))
        main = pipeline([it])
        """
    )
    done = system.run("run", "it")
    assert done.returncode == 0, done.stdout
    assert "hello from outside" in done.stdout


def test_the_stop_signal_can_be_chosen(engine: str, system: ContainerSystem) -> None:
    system.write(
        f"""
        it = task("it", run=container(
            IMAGE, ["sh", "-c", "trap 'echo quits; exit 0' QUIT; echo is up; while true; do sleep 0.1; done"],
            stop_signal="SIGQUIT", engine={engine!r}, ready_when="is up"))
        use = task("use", run="true", depends_on=[it])
        main = pipeline([use])
        """
    )
    done = system.run("run", "use")
    assert "quits" in done.stdout, done.stdout


def test_a_container_of_somebody_else_with_the_same_name_is_not_touched(system: ContainerSystem) -> None:
    system.write('main = pipeline([task("it", run=container(IMAGE, ["echo", "ran"], engine="podman"))])')
    first = system.run("run", "it")
    name = first.stdout.partition("container ")[2].split()[0]
    system.room.podman("create", "--name", name, IMAGE, "/bin/sleep", "1000")
    second = system.run("run", "it")
    assert second.returncode == 1
    assert "already in use" in second.stdout
    assert system.room.containers() == {name: "created"}


def test_two_runs_of_a_task_have_containers_of_their_own(system: ContainerSystem) -> None:
    system.write(
        """
        it = task("it", run=container(IMAGE, POLITE, engine="podman", ready_when="is up"))
        use = task("use", commands={"build": "podman ps --quiet | grep -c .", "dev": "exec sleep 1000"}, depends_on=[it])
        main = pipeline([use])
        """
    )
    assert system.run("dev", "--detach").returncode == 0
    done = system.run("run", "use")
    assert "use | 2" in done.stdout, done.stdout
    assert [*system.room.containers().values()] == ["running"], "the other run goes on"
    assert system.run("down").returncode == 0
    assert system.room.containers() == {}
