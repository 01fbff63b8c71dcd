"""Cached tasks that declare too much: what people have written themselves stays as they wrote it."""

import pytest
from cached_tasks import builds, cached, log_of
from rig import Rig

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("source")]


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [("src", "src"), ("src/*", "src"), ("src/a", "src"), ("src/*", "src/*"), ("src", "src/**")],
)
async def test_edits_of_what_is_input_and_output_at_once_are_not_taken_back(
    rig: Rig, inputs: str, outputs: str
) -> None:
    formats = builds(run="echo formatted >> ran", inputs=inputs, outputs=outputs)
    await rig.run([formats])
    (rig.directory / "src/a").write_text("a day of work\n")
    result = await rig.run([formats], records=True)
    assert (rig.directory / "src/a").read_text() == "a day of work\n"
    assert rig.lines("ran") == ["formatted", "formatted"]
    assert not cached(result).checked
    assert f"no cache: all that the input `{inputs}` means is output of the task as well" in log_of(result)


async def test_outputs_inside_inputs_do_not_count_and_do_no_harm(rig: Rig) -> None:
    inside = builds(run="cat src/a > src/made", inputs=["src", "later"], outputs="src/made")
    await rig.run([inside])
    (rig.directory / "src/made").write_text("spoilt\n")
    assert cached(await rig.run([inside])).hit
    assert (rig.directory / "src/made").read_text() == "a\n"


async def test_an_edit_of_the_definition_is_not_taken_back(rig: Rig) -> None:
    definition = rig.directory / "pipeline.py"
    definition.write_text("old\n")
    generates = builds(run="echo x > made.py", outputs="*.py")
    await rig.run([generates])
    definition.write_text("new\n")
    result = await rig.run([generates], records=True)
    assert definition.read_text() == "new\n"
    assert "the output `*.py` covers " in log_of(result)
