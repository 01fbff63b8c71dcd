import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.result import RunStats, Summary, TaskStats, TeardownStats
from tui_runner.records.summary import render_summary


def stats_of(*tasks: TaskStats) -> RunStats:
    failed = sum(task.status == "failed" for task in tasks)
    return RunStats(
        mode="dev",
        status="failed" if failed else "success",
        started_at=1795300803.0,
        finished_at=1795300805.5,
        duration_s=2.5,
        tasks=tasks,
        summary=Summary(
            total=len(tasks), completed=len(tasks) - failed, failed=failed, skipped=0, aborted=0, pending=0
        ),
    )


GOOD = TaskStats(id="build", name="build", mode="dev", status="completed", exit_code=0, attempts=1, duration_s=1.25)
BAD = TaskStats(
    id="shop:api",
    name="api",
    mode="dev",
    status="failed",
    exit_code=3,
    attempts=2,
    restarts=1,
    duration_s=0.2,
    error="[shop:api] ended with exit code 3",
    log_file="/shop/.tui_runner/runs/x/logs/shop%3aapi.log",
)


def test_failures_come_first_with_their_last_lines() -> None:
    text = render_summary(
        stats_of(GOOD, BAD),
        run_id="20261121T224003.000Z-ab12",
        name="shop",
        error="[shop:api] ended with exit code 3",
        last_lines={"shop:api": ["Traceback", "ValueError: no"], "build": ["not shown"]},
    )
    assert (
        text
        == """\
# shop: failed

- run `20261121T224003.000Z-ab12`
- mode dev, started 2026-11-21 22:40:03 UTC, took 2.5 s
- 2 tasks: 1 failed, 1 completed

**[shop:api] ended with exit code 3**

| Task | Status | Exit | Attempts | Duration | Notes |
| --- | --- | --- | ---: | ---: | --- |
| shop:api | failed | 3 | 2 | 200 ms | 1 restart |
| build | completed | 0 | 1 | 1.2 s |  |

## shop:api

[shop:api] ended with exit code 3

```text
Traceback
ValueError: no
```

Whole output: `/shop/.tui_runner/runs/x/logs/shop%3aapi.log`
"""
    )


def test_subtasks_stand_in_for_their_pipeline_and_failed_teardowns_are_listed() -> None:
    teardown = TeardownStats(status="failed", error="exit code 1")
    inner = TaskStats(id="shop:db", name="db", mode="dev", status="completed", stopped=True, teardown=teardown)
    outer = TaskStats(id="shop", name="shop", mode="dev", status="completed", subtasks=(inner,))
    text = render_summary(stats_of(outer))
    assert "| shop:db | completed |  |  |  | stopped by us, teardown failed |" in text
    assert "| shop |" not in text
    assert "## Failed teardowns\n\n- shop:db: exit code 1\n" in text


def test_teardowns_that_were_given_up_are_listed() -> None:
    teardown = TeardownStats(status="not-run", error="given up")
    db = TaskStats(id="db", name="db", mode="dev", status="completed", stopped=True, teardown=teardown)
    text = render_summary(stats_of(db, msgspec.structs.replace(db, id="api", teardown=TeardownStats(status="not-run"))))
    assert "| db | completed |  |  |  | stopped by us, teardown given up |" in text
    assert "| api | completed |  |  |  | stopped by us |" in text
    assert text.endswith("## Teardowns that were given up\n\nWhat they clean up may be left behind.\n\n- db\n")


def test_one_task_is_counted_as_one() -> None:
    assert "- 1 task: 1 completed\n" in render_summary(stats_of(GOOD))


HOSTILE = st.text(alphabet=st.sampled_from(list("a|`\n\r\x1b[]()<>*_#\\ \x07\u202e")), max_size=30)


@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=4))
def test_hostile_text_stays_text(name: str, error: str, lines: list[str]) -> None:
    bad = TaskStats(id=f"x{name}", name=name, mode="dev", status="failed", error=error)
    text = render_summary(stats_of(bad), name=name, error=error, last_lines={bad.id: lines})
    assert not re.search(r"[^\n\t -~…]", text), "nothing that a terminal or a renderer would obey"
    before, _, after = text.partition("\n## ")
    rows = [line for line in before.split("\n") if line.startswith("|")]
    assert len(rows) == 3
    assert all(len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 7 for row in rows)
    fences = [line for line in after.split("\n") if re.fullmatch(r"(`{3,})(text)?", line)]
    if any(line for line in lines):
        assert fences[0].endswith("text")
        assert fences[-1] == fences[0].removesuffix("text")
        assert max((len(run) for run in re.findall("`+", "\n".join(lines))), default=0) < len(fences[-1])
