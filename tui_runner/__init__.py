"""tui-runner: bring a whole system up with one command, and take it down cleanly.

General layout, lowest first; each room imports only from those before it:

    errors       what can go wrong and how it is told
    model        definitions, task states, results, views: data only
    planning     definitions to a checked plan (pure)
    scheduling   events in, effects out: what starts, stops and is torn down when (pure)
    process      guardian, environment and argv, ptys, log files
    executors, probes, caching, records, loading, watching, containers
    supervisor   the asyncio shell that performs effects
    control      unix-socket protocol, server, client, supervisor process
    tui          the terminal app, drawn with the top-level package `widgets`
    cli          one file per verb

Public names are resolved on first use, so importing the package costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_runner.caching.resolvers.npm import npm_package as npm_package
    from tui_runner.caching.resolvers.pip import pip_requirements as pip_requirements
    from tui_runner.caching.resolvers.pnpm import pnpm_package as pnpm_package
    from tui_runner.caching.resolvers.uv import uv_package as uv_package
    from tui_runner.errors.runner_error import ErrorCode as ErrorCode
    from tui_runner.errors.runner_error import PipelineError as PipelineError
    from tui_runner.model.cache import Artifact as Artifact
    from tui_runner.model.cache import CacheSpec as CacheSpec
    from tui_runner.model.cache import InputResolver as InputResolver
    from tui_runner.model.cache import ResolveContext as ResolveContext
    from tui_runner.model.cache import VirtualInput as VirtualInput
    from tui_runner.model.cache import cache as cache
    from tui_runner.model.cache import input_resolver as input_resolver
    from tui_runner.model.cache import virtual_input as virtual_input
    from tui_runner.model.command import Command as Command
    from tui_runner.model.command import command as command
    from tui_runner.model.containers import compose as compose
    from tui_runner.model.containers import container as container
    from tui_runner.model.containers import healthy as healthy
    from tui_runner.model.liveness import alive as alive
    from tui_runner.model.pipeline import Pipeline as Pipeline
    from tui_runner.model.pipeline import pipeline as pipeline
    from tui_runner.model.policy import restart as restart
    from tui_runner.model.policy import retry as retry
    from tui_runner.model.policy import watch as watch
    from tui_runner.model.probe import (
        all_of as all_of,
    )
    from tui_runner.model.probe import (
        any_of as any_of,
    )
    from tui_runner.model.probe import (
        delay as delay,
    )
    from tui_runner.model.probe import (
        exec_probe as exec_probe,
    )
    from tui_runner.model.probe import (
        file_exists as file_exists,
    )
    from tui_runner.model.probe import (
        http as http,
    )
    from tui_runner.model.probe import (
        log_line as log_line,
    )
    from tui_runner.model.probe import (
        tcp as tcp,
    )
    from tui_runner.model.result import RunResult as RunResult
    from tui_runner.model.result import RunStats as RunStats
    from tui_runner.model.result import TaskStats as TaskStats
    from tui_runner.model.retention import retention as retention
    from tui_runner.model.secret import Secret as Secret
    from tui_runner.model.secret import secret as secret
    from tui_runner.model.task import Task as Task
    from tui_runner.model.task import task as task

_HOME = {
    "Artifact": "model.cache",
    "CacheSpec": "model.cache",
    "Command": "model.command",
    "ErrorCode": "errors.runner_error",
    "InputResolver": "model.cache",
    "Pipeline": "model.pipeline",
    "PipelineError": "errors.runner_error",
    "ResolveContext": "model.cache",
    "RunResult": "model.result",
    "RunStats": "model.result",
    "Secret": "model.secret",
    "Task": "model.task",
    "TaskStats": "model.result",
    "VirtualInput": "model.cache",
    "alive": "model.liveness",
    "all_of": "model.probe",
    "any_of": "model.probe",
    "cache": "model.cache",
    "command": "model.command",
    "compose": "model.containers",
    "container": "model.containers",
    "delay": "model.probe",
    "exec_probe": "model.probe",
    "file_exists": "model.probe",
    "healthy": "model.containers",
    "http": "model.probe",
    "input_resolver": "model.cache",
    "log_line": "model.probe",
    "npm_package": "caching.resolvers.npm",
    "pip_requirements": "caching.resolvers.pip",
    "pipeline": "model.pipeline",
    "pnpm_package": "caching.resolvers.pnpm",
    "restart": "model.policy",
    "retention": "model.retention",
    "retry": "model.policy",
    "secret": "model.secret",
    "task": "model.task",
    "tcp": "model.probe",
    "uv_package": "caching.resolvers.uv",
    "virtual_input": "model.cache",
    "watch": "model.policy",
}

__all__ = [
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
]


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    from importlib import import_module  # noqa: PLC0415 - keeps `import tui_runner` free

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"tui_runner.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
