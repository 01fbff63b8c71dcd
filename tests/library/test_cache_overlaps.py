"""Cached tasks of one run that make the same files: each finds what it and the other have made, nothing older."""

import pytest
from cached_tasks import builds, cached, log_of
from rig import Rig, statuses

from tui_runner import Task

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("source")]


def pair(first: str | list[str], second: str | list[str]) -> list[Task]:
    """Two tasks, one after the other, that leave `dist/first.txt` and `dist/sub/second.txt`."""
    makes = "mkdir -p dist/sub; cat src/a > dist/first.txt"
    adds = "mkdir -p dist/sub; cat more > dist/sub/second.txt"
    one = builds("first", makes, outputs=first)
    two = builds("second", adds, inputs="more", outputs=second, depends_on=[one])
    return [one, two]


@pytest.mark.parametrize(
    ("first", "second"),
    [("dist", "dist"), ("dist", "dist/sub"), ("dist", "dist/sub/*.txt"), ("dist/**/*.txt", "dist/sub/second.txt")],
)
async def test_what_one_task_has_made_is_not_undone_by_the_result_of_another(rig: Rig, first: str, second: str) -> None:
    (rig.directory / "more").write_text("more\n")
    await rig.run(pair(first, second))
    (rig.directory / "src/a").write_text("new\n")
    result = await rig.run(pair(first, second), records=True)
    assert (rig.directory / "dist/first.txt").read_text() == "new\n"
    assert (rig.directory / "dist/sub/second.txt").read_text() == "more\n"
    assert statuses(result) == {"first": "completed", "second": "completed"}
    assert f"no cache: its output `{first}` and the output `{second}` of `second` are" in log_of(result, "first")
    assert f"no cache: its output `{second}` and the output `{first}` of `first` are" in log_of(result, "second")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["dist", "!dist/sub"], "dist/sub"),
        ("dist/*.txt", "dist/sub/*.txt"),
        ("dist/first.txt", "dist/sub"),
        ("dist/*.txt", "dist/sub"),
    ],
)
async def test_tasks_that_share_a_directory_but_no_files_are_cached(
    rig: Rig, first: str | list[str], second: str
) -> None:
    (rig.directory / "more").write_text("more\n")
    await rig.run(pair(first, second))
    assert statuses(await rig.run(pair(first, second))) == {"first": "skipped", "second": "skipped"}


async def test_variants_of_one_output_are_cached_as_long_as_they_do_not_run_together(rig: Rig) -> None:
    debug = builds("debug", "mkdir -p dist; echo debug > dist/all")
    release = builds("release", "mkdir -p dist; echo release > dist/all")
    for name in ("debug", "release"):
        await rig.run([debug, release], targets=[name])
    again = await rig.run([debug, release], targets=["debug"])
    assert cached(again, "debug").hit
    assert (rig.directory / "dist/all").read_text() == "debug\n"
