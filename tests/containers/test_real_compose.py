"""Compose files with real containers: up when healthy, shared, gone afterwards, and nothing of others is touched."""

import pytest
from compose_ways import WAYS, any_way, prepare
from container_room import IMAGE
from container_system import ContainerSystem, polite

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

# What a container prints is told by the end of its line: podman-compose 1.0 prints its commands, with all their words.
DB = f"""
services:
  db:
    image: {IMAGE}
    command: {polite("db")}
    volumes: ["data:/data"]
volumes:
  data: {{}}
"""
TWO = f"""
services:
  db:
    image: {IMAGE}
    command: {polite("db")}
  api:
    image: {IMAGE}
    command: {polite("api")}
    depends_on: [db]
"""


@pytest.mark.parametrize("way", WAYS)
def test_services_are_up_for_those_that_need_them_and_gone_afterwards(way: str, system: ContainerSystem) -> None:
    prepare(way, system)
    system.write(
        f"""
        db = task("db", run=compose("compose.yaml", "db", engine={way!r}))
        use = task("use", run="podman ps --format '{{{{.Names}}}} is seen'", depends_on=[db])
        main = pipeline([use])
        """,
        DB,
    )
    done = system.run("run", "use", "--mode", "dev")
    assert done.returncode == 0, done.stdout
    for words in (f"tui-runner: {way}, project ", "db comes\n", "db: up and healthy", "is seen\n", "db leaves\n"):
        assert words in done.stdout
    assert done.stdout.index("db: up and healthy") < done.stdout.index("is seen\n") < done.stdout.index("db leaves\n")
    assert system.room.containers() == {}
    assert system.room.networks() == []
    assert len(system.room.volumes()) == 1, "volumes stay"


def test_volumes_go_when_that_is_asked_for(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f'main = pipeline([task("use", run="true", depends_on=[task("db", run=compose('
        f'services="db", remove_volumes=True, engine={way!r}))])])',
        DB,
    )
    system.room.podman("volume", "create", "somebody-elses")
    done = system.run("run", "use")
    assert "db: up and healthy" in done.stdout
    assert system.room.volumes() == ["somebody-elses"]


def test_a_health_check_is_waited_for(system: ContainerSystem) -> None:
    way = any_way(system)
    checked = f"""
services:
  db:
    image: {IMAGE}
    command: {polite("db")}
    healthcheck: {{test: ["CMD", "/bin/ls", "/well"], interval: 1s, retries: 100}}
"""
    system.write(
        f"""
        db = task("db", run=compose(services="db", engine={way!r}))
        heal = task("heal", run="until podman exec $(podman ps -q) /bin/touch /well; do sleep 0.1; done; echo healed")
        use = task("use", run="echo used", depends_on=[db])
        main = pipeline([heal, use])
        """,
        checked,
    )
    done = system.run("run", "use", "heal")
    assert done.returncode == 0, done.stdout
    assert done.stdout.index("healed") < done.stdout.index("db: up and healthy") < done.stdout.index("used")


def test_a_container_that_fails_fails_its_task_with_its_exit_code(system: ContainerSystem) -> None:
    way = any_way(system)
    broken = f"""
services:
  db:
    image: {IMAGE}
    command: ["/bin/sh", "-c", "echo cannot begin; exit 4"]
"""
    system.write(f'main = pipeline([task("db", run=compose(engine={way!r}))])', broken)
    done = system.run("run", "db")
    assert done.returncode == 1
    assert "cannot begin" in done.stdout
    assert "exit code 4" in done.stdout
    assert system.room.containers() == {}


def test_a_file_that_cannot_be_read_fails_the_task_with_the_words_of_the_program(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(f'main = pipeline([task("db", run=compose("compos.yaml", "db", engine={way!r}))])')
    done = system.run("run", "db")
    assert done.returncode == 1
    assert "compos.yaml" in done.stdout


def test_a_service_of_two_tasks_is_up_as_long_as_one_of_them_is(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        one = task("one", run=compose(services="db", engine={way!r}))
        two = task("two", run=compose(services=["db", "api"], engine={way!r}), depends_on=[one])
        main = pipeline([one, two])
        """,
        TWO,
    )
    assert system.run("dev", "--detach").returncode == 0
    system.until(lambda: [*system.room.containers().values()] == ["running", "running"], "both services")
    assert system.run("restart", "two").returncode == 0
    assert system.run("stop", "two").returncode == 0
    left = system.room.containers()
    assert [(name.endswith("db_1"), state) for name, state in left.items()] == [(True, "running")]
    assert system.run("down").returncode == 0
    assert system.room.containers() == {}
    assert system.room.networks() == []


def test_two_tasks_of_one_file_may_come_up_at_once(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        needed = [task(name, run=compose(services=name, engine={way!r})) for name in ("db", "api")]
        main = pipeline([task("use", run="echo used", depends_on=needed)])
        """,
        TWO.replace("    depends_on: [db]\n", ""),
    )
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert "used" in done.stdout
    assert (system.room.containers(), system.room.networks()) == ({}, [])


def test_a_restart_keeps_what_the_container_has_written(system: ContainerSystem) -> None:
    way = any_way(system)
    counting = f"""
services:
  db:
    image: {IMAGE}
    command: {polite("db", "[ -e /mark ] && echo was here before; touch /mark;")}
"""
    system.write(f'main = pipeline([task("db", run=compose(engine={way!r}))])', counting)
    system.start("dev", "--no-tui")
    system.until_printed("up and healthy")
    assert "was here before\n" not in system.printed()
    assert system.run("restart", "db").returncode == 0
    system.until_printed("was here before\n")
    assert system.run("down").returncode == 0
    assert system.room.containers() == {}


def test_a_project_that_somebody_else_brought_up_is_used_and_stays(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f"""
        two = task("two", run=compose(services=["db", "api"], project="theirs", engine={way!r}))
        use = task("use", run="echo used", depends_on=[two])
        main = pipeline([use])
        """,
        TWO,
    )
    label = ("--label", "com.docker.compose.project=theirs", "--label", "com.docker.compose.service=mail")
    system.room.podman("run", "--detach", "--name", "theirs_mail_1", *label, IMAGE, "/bin/sleep", "1000")
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert system.room.containers() == {"theirs_mail_1": "running"}


def test_a_service_that_somebody_else_brought_up_is_left_running(system: ContainerSystem) -> None:
    way = any_way(system)
    taking = "take_over=True, "
    pipeline = f"""
        db = task("db", run=compose(services="db", project="theirs", TAKING engine={way!r}, ready_when=healthy()))
        use = task("use", run="echo used", depends_on=[db])
        main = pipeline([use])
        """
    system.write(pipeline.replace("TAKING", ""), TWO)
    system.compose(way, "--project-name", "theirs", "up", "--detach", "db")
    theirs = system.room.podman("ps", "--quiet")
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert "db of project theirs is up already" in done.stdout
    assert system.room.podman("ps", "--quiet") == theirs
    system.write(pipeline.replace("TAKING", taking), TWO)
    done = system.run("run", "use")
    assert done.returncode == 0, done.stdout
    assert system.room.containers() == {}


def test_checkouts_beside_each_other_have_projects_of_their_own(system: ContainerSystem) -> None:
    way = any_way(system)
    system.write(
        f'main = pipeline([task("db", cwd="a", run=compose(engine={way!r})), task("db2", cwd="b", run=compose(engine={way!r}))])'
    )
    for name in ("a", "b"):
        (system.root / name).mkdir()
        (system.root / name / "compose.yaml").write_text("version: '3'\n" + DB)
    assert system.run("dev", "--detach").returncode == 0
    system.until(lambda: [*system.room.containers().values()] == ["running", "running"], "two projects")
    assert system.run("stop", "db").returncode == 0
    assert [*system.room.containers().values()] == ["running"]
    assert system.run("down").returncode == 0
    assert system.room.containers() == {}
