"""`list`, `graph`, `explain`, `init`, `doctor`: verbs that run nothing of the user's but pipeline.py."""

import json

import pytest
from live_workspace import Workspace

SHOP = """
main = pipeline([
    db := task("db", description="holds the orders", commands={
        "dev": command("sleep 99", ready_when="ready", teardown=["rm", "-f", "a b"], env={"TOKEN": "s3cret"}),
    }),
    task("api", depends_on=[db], cwd="services/api", env={"PORT": "1"}, commands={
        "dev": command(["serve", "--fast"], stop_timeout="2s"),
        "build": "make",
    }),
    pipeline([task("unit", run="true")]).to_task("tests"),
])
"""


def test_list_shows_tasks_in_definition_order(workspace: Workspace) -> None:
    done = workspace.write(SHOP).cli("list")
    assert done.out == (
        "TASK    MODES      DESCRIPTION\n"
        "db      dev        holds the orders\n"
        "api     dev build\n"
        "tests\n"
        "  unit  (any)\n"
    )  # fmt: skip


def test_list_as_json_is_one_document(workspace: Workspace) -> None:
    workspace.write('print("noise")' + SHOP)
    for arguments in (("list", "--format", "json"), ("--format", "json", "list")):
        done = workspace.cli(*arguments)
        rows = json.loads(done.out)
        assert [row["id"] for row in rows] == ["db", "api", "tests", "tests:unit"]
        assert "noise" in done.err


def test_graph_draws_in_every_language(workspace: Workspace) -> None:
    workspace.write(SHOP)
    assert workspace.cli("graph").out == (
        "api\n"
        "└── db\n"
        "tests (pipeline)\n"
        "└── tests:unit\n"
    )  # fmt: skip
    assert workspace.cli("graph", "db").out == "db\n"
    assert workspace.cli("graph", "--format", "mermaid").out.startswith("flowchart LR\n")
    assert workspace.cli("graph", "--format", "dot").out.startswith("digraph ")
    assert json.loads(workspace.cli("--format", "json", "graph").out)["mode"] == "dev"
    assert "did you mean `api`?" in workspace.cli("graph", "apu", code=2).err


def test_explain_tells_what_a_task_would_do(workspace: Workspace) -> None:
    done = workspace.write(SHOP).cli("explain", "api")
    line = 1 + (workspace.root / "pipeline.py").read_text().split("\n").index(
        '        "dev": command(["serve", "--fast"], stop_timeout="2s"),'
    )
    assert done.out == (
        "api\n"
        "  mode        dev\n"
        "  verdict     would run: it has no cache\n"
        f"  defined     pipeline.py:{line}\n"
        "  command     serve --fast\n"
        "  cwd         services/api\n"
        "  variables   PORT\n"
        "  needs       db: until a log line with `ready`\n"
        "  stop        SIGTERM, then SIGKILL after 2.0 s\n"
    )


def test_explain_never_shows_values_of_variables(workspace: Workspace) -> None:
    workspace.write(SHOP)
    for form in ("text", "json"):
        done = workspace.cli("explain", "db", "--format", form)
        assert "TOKEN" in done.out
        assert "s3cret" not in done.out + done.err
    facts = json.loads(workspace.cli("explain", "db", "--format", "json").out)
    assert facts["needed_by"] == ["api"]
    assert ["teardown", "rm -f 'a b', within 30.0 s"] in facts["policies"]


def test_explain_tells_why_a_task_would_be_skipped_or_fail(workspace: Workspace) -> None:
    workspace.write(SHOP)
    skipped = workspace.cli("explain", "db", "--mode", "build").out
    assert "verdict     would be skipped: it has no command for the mode `build`\n" in skipped
    failed = workspace.cli("explain", "db", "--mode", "build", "--strict").out
    assert "would fail: it has no command for the mode `build`, and strict mode is on" in failed
    assert "contains    tests:unit\n" in workspace.cli("explain", "tests").out
    assert "did you mean `api`?" in workspace.cli("explain", "apii", code=2).err


def test_init_writes_a_file_that_works_and_never_replaces_one(workspace: Workspace) -> None:
    done = workspace.cli("init")
    assert done.out == f"{workspace.root / 'pipeline.py'}\n"
    assert "database" in workspace.cli("list").out
    again = workspace.cli("init", code=2)
    assert "there is a `pipeline.py` already" in again.err
    assert "cannot write to `nowhere`" in workspace.cli("-C", "nowhere", "init", code=2).err


def test_doctor_checks_the_guardian_for_real(workspace: Workspace) -> None:
    checks = {check["name"]: check for check in json.loads(workspace.cli("doctor", "--format", "json").out)}
    assert checks["guardian"]["status"] == "ok"
    assert checks["workspace"] == {
        "name": "workspace",
        "status": "note",
        "text": "no pipeline.py here",
        "help": "`tui-runner init` writes one",
    }
    assert checks["supervisors"]["text"] == "0 running"
    assert not (workspace.root / ".tui_runner").exists()


def test_doctor_checks_the_settings_of_the_screen(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(workspace.root / "config"))
    assert "the defaults: there is no" in workspace.cli("doctor").out
    file = workspace.root / "config" / "tui-runner" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[keys]\nrestrat = "x"\n[screen]\nmouse = 1\n', encoding="utf-8")
    done = workspace.cli("doctor", code=1)
    assert f"{file}:2: there is no command `restrat`" in done.out
    assert "did you mean `restart`" in done.out
    assert f"{file}:4: `mouse` is `1`" in done.out


def test_doctor_names_planted_directories_and_stale_sockets(workspace: Workspace) -> None:
    workspace.write(SHOP)
    places = workspace.places
    places.runtime.mkdir(parents=True, mode=0o700)
    places.runtime.parent.chmod(0o700)
    places.socket.touch()
    assert "1 stale sockets" in workspace.cli("doctor").out
    places.runtime.chmod(0o755)
    done = workspace.cli("doctor", code=1)
    assert "is open to other users (mode 0755)" in done.out
