"""What all tests share: a fixed environment for pictures of the screen, and proof that nothing is left behind."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Read by Textual at import: they have to be set before anything imports it.
os.environ.update(
    TEXTUAL_ANIMATIONS="none",
    TEXTUAL_THEME="textual-dark",
    TERM="xterm-256color",
    COLORTERM="truecolor",
    TZ="UTC",
    LANG="C.UTF-8",
)
for name in ("NO_COLOR", "FORCE_COLOR", "TUI_RUNNER_ENV", "NODE_ENV", "TUI_RUNNER_RUN", "TUI_RUNNER_TASK"):
    os.environ.pop(name, None)

import pytest
import pytest_textual_snapshot
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SerializableData
from textual.app import App

# A shell without job control starts programs in the background with these ignored, and so would all they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parent.parent


class TopLevelSnapshots(pytest_textual_snapshot.SVGImageExtension):  # type: ignore[misc]  # the plugin has no types
    """Keeps pictures in `snapshots/`, in the same tree as the tests."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        relative = Path(test_location.filepath).relative_to(ROOT / "tests").with_suffix("")
        return str(ROOT / "snapshots" / relative)


pytest_textual_snapshot.SVGImageExtension = TopLevelSnapshots


class TextFile(SingleFileSnapshotExtension):
    """What a screen says, as a file of its own beside the picture: differences can be read."""

    _file_extension = "txt"
    _write_mode = WriteMode.TEXT

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return the directory of the picture."""
        return TopLevelSnapshots.dirname(test_location=test_location)

    def serialize(self, data: SerializableData, **_: object) -> str:
        """Return the text as it is."""
        return str(data)


@pytest.fixture
def same_picture(snapshot: SnapshotAssertion) -> Callable[[App[Any]], None]:
    """Return what compares what an app shows with its picture in `snapshots/`, as text and as SVG."""
    pictures = snapshot.use_extension(TopLevelSnapshots)
    texts = snapshot.use_extension(TextFile)

    def compare(app: App[Any]) -> None:
        rows = (strip.text.rstrip() for strip in app.screen._compositor.render_strips())
        assert "\n".join(rows) + "\n" == texts
        assert app.export_screenshot(title="tui-runner", simplify=True) == pictures

    return compare


@pytest.fixture(autouse=True)
def _private_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own runtime and state directories, so that runs of the developer are never touched."""
    base = tmp_path_factory.mktemp("xdg")
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        place = base / name.lower()
        place.mkdir(mode=0o700)
        monkeypatch.setenv(name, str(place))
