import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tui_runner.model.probe import Probe, delay, http, log_line, tcp
from tui_runner.probes.endpoint import address_of
from tui_runner.probes.port_check import PortOwner, _accepts, _owner_by_psutil, occupied_port


def listening(family: socket.AddressFamily, host: str) -> socket.socket:
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.bind((host, 0))
    except OSError:
        server.close()
        pytest.skip("no such address family here")
    server.listen()
    return server


@pytest.mark.parametrize(
    ("family", "host", "probed"),
    [
        (socket.AF_INET, "127.0.0.1", "localhost"),
        (socket.AF_INET, "0.0.0.0", "localhost"),
        (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0", "0.0.0.0"),
        (socket.AF_INET6, "::1", "localhost"),
        (socket.AF_INET6, "::", "127.0.0.1"),
        (socket.AF_INET6, "::", "::1"),
    ],
)
def test_a_listener_that_the_probe_would_reach_is_found(family: socket.AddressFamily, host: str, probed: str) -> None:
    with listening(family, host) as server:
        port = server.getsockname()[1]
        owner = occupied_port(tcp(port, host=probed))
        assert owner is not None
        assert owner.pid == os.getpid()
        url = f"http://[{probed}]:{port}/" if ":" in probed else f"http://{probed}:{port}/"
        assert occupied_port(http(url)) == owner
        assert _accepts(
            {"localhost": "::1" if host == "::1" else "127.0.0.1", "0.0.0.0": "127.0.0.1"}.get(probed, probed), port
        )
    assert occupied_port(tcp(port, host=probed)) is None


def test_a_listener_on_another_address_is_not_in_the_way() -> None:
    with listening(socket.AF_INET, "127.0.0.2") as server:
        assert occupied_port(tcp(server.getsockname()[1], host="127.0.0.1")) is None


def test_a_bound_port_without_a_listener_is_free() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert occupied_port(tcp(bound.getsockname()[1])) is None


def test_the_owner_is_named_with_its_command_line() -> None:
    program = "import socket,time;s=socket.socket();s.bind(('127.0.0.1',0));s.listen();print(s.getsockname()[1],flush=True);time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            owner = occupied_port(tcp(port))
            assert owner is not None
            assert owner.pid == child.pid
            assert Path(sys.executable).name[:6] in owner.command
            assert owner.describe().startswith(f"port {port} is already taken by pid {child.pid} (")
            assert _owner_by_psutil(port).pid == child.pid
        finally:
            child.kill()


def test_the_sentence_says_what_to_do() -> None:
    known = PortOwner(port=8000, pid=123, command="python app.py")
    assert known.describe() == (
        "port 8000 is already taken by pid 123 (python app.py); stop it, or give the task another port"
    )
    assert "taken by another program;" in PortOwner(port=80).describe()
    assert known.describe("api", "web") == (
        "port 8000 is already taken by pid 123 (python app.py) of the task `web`; give one of the two another port"
    )
    assert "an earlier attempt of this task" in known.describe("api", "api")


@pytest.mark.parametrize(
    "probe",
    [log_line("x"), delay(1), tcp(5432, host="db.example"), http("http://example.com/"), http("nonsense"), tcp(0)],
)
def test_probes_that_look_elsewhere_are_not_checked(probe: Probe) -> None:
    assert occupied_port(probe) is None


@pytest.mark.parametrize(
    ("probe", "address"),
    [
        (http("http://localhost:8000/health"), "http://localhost:8000"),
        (http("https://localhost/x?token=secret"), "https://localhost"),
        (http("http://me:secret@127.0.0.1:80/"), "http://127.0.0.1:80"),
        (http("http://[::1]:80/"), "http://[::1]:80"),
        (http("nonsense"), ""),
        (tcp(5432), "localhost:5432"),
        (tcp(5432, host="::1"), "[::1]:5432"),
        (log_line("x"), ""),
        (delay(1), ""),
    ],
)
def test_views_show_where_people_reach_it(probe: Probe, address: str) -> None:
    assert address_of(probe) == address
