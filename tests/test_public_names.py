"""The public API is what the documentation says, whatever else of the package has been imported."""

import importlib
import pkgutil
import subprocess
import sys

import pytest

import tui_runner

EXPECTED = {
    "Artifact",
    "CacheSpec",
    "Command",
    "ErrorCode",
    "InputResolver",
    "Pipeline",
    "PipelineError",
    "ResolveContext",
    "RunResult",
    "RunStats",
    "Secret",
    "Task",
    "TaskStats",
    "VirtualInput",
    "alive",
    "all_of",
    "any_of",
    "cache",
    "command",
    "compose",
    "container",
    "delay",
    "exec_probe",
    "file_exists",
    "healthy",
    "http",
    "input_resolver",
    "log_line",
    "npm_package",
    "pip_requirements",
    "pipeline",
    "pnpm_package",
    "restart",
    "retention",
    "retry",
    "secret",
    "task",
    "tcp",
    "uv_package",
    "virtual_input",
    "watch",
}


def test_importing_every_module_hides_no_public_name() -> None:
    for module in pkgutil.walk_packages(tui_runner.__path__, "tui_runner."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    assert set(tui_runner.__all__) == EXPECTED
    for name in EXPECTED:
        value = getattr(tui_runner, name)
        assert callable(value), f"{name} is {value!r}: a package of the same name hides it"


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="no attribute 'pipelin'"):
        _ = tui_runner.pipelin


def loaded_by(code: str) -> set[str]:
    """Return the modules that are loaded after running the code in a fresh interpreter."""
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_help_loads_neither_the_screen_nor_the_event_loop() -> None:
    loaded = loaded_by("from tui_runner.cli import main\nassert main(['--help']) == 0")

    assert not loaded & {"textual", "rich", "asyncio", "msgspec", "psutil", "watchfiles"}


def test_definitions_load_neither_the_screen_nor_the_engine() -> None:
    loaded = loaded_by("from tui_runner import command, pipeline, task\npipeline([task('a', run=command('true'))])")

    assert not loaded & {"textual", "asyncio", "psutil", "watchfiles", "tui_runner.supervisor.supervisor"}


def test_the_engine_loads_no_screen_and_nothing_called_widgets() -> None:
    loaded = loaded_by("import tui_runner.supervisor.library\nimport tui_runner.control.daemon")

    assert not loaded & {"textual", "rich", "widgets", "watchfiles"}


def test_the_screen_loads_nothing_that_runs_definitions() -> None:
    loaded = loaded_by("import tui_runner.tui.main")

    assert not {name for name in loaded if name.startswith(("tui_runner.loading", "tui_runner.supervisor.supervisor"))}
