"""Which container engine there is: asked when it is needed, never when a definition is read."""

import shutil

from tui_runner.containers.compose_engine import COMPOSE_ENGINES, ComposeEngine
from tui_runner.containers.engine import Engine, last_line, run_quietly
from tui_runner.containers.problem import ContainerError, NoEngineError

_ANSWER_TIMEOUT_S = 10.0
_ENGINES = ("docker", "podman")
_PROOF = {"docker": ("version", "--format", "{{.Server.Version}}"), "podman": ("info", "--format", "{{.Host.OS}}")}
"""What only an engine can answer, not its program alone."""


def find_engine(wanted: str | None) -> Engine:
    """Return the first engine that answers, or the wanted one.

    Raises:
        NoEngineError: there is none; with what was tried.
    """
    objections = []
    for program in _ENGINES:
        if wanted is None or wanted == program:
            objection = _objection(program)
            if objection is None:
                return Engine(program)
            objections.append(objection)
    raise _no_engine(objections)


def find_compose_engine(wanted: str | None) -> ComposeEngine:
    """Return the first compose program whose engine answers. `wanted` may name an engine or a compose program.

    Raises:
        NoEngineError: there is none; with what was tried.
    """
    objections = []
    for program in _ENGINES:
        candidates = [
            one for one in COMPOSE_ENGINES if one.engine == program and wanted in {None, one.engine, one.name}
        ]
        if not candidates:
            continue
        objection = _objection(program)
        if objection is not None:
            objections.append(objection)
            continue
        for candidate in candidates:
            if _is_there(candidate):
                return candidate
        names = " nor ".join(f"`{candidate.name}`" for candidate in candidates)
        objections.append(f"{program} answers, but {names} is not there")
    raise _no_engine(objections)


def _is_there(candidate: ComposeEngine) -> bool:
    if len(candidate.program) == 1:
        return shutil.which(candidate.program[0]) is not None
    # A plugin, or the compose program that podman delegates to: only asking tells.
    try:
        return run_quietly((*candidate.program, "version"), _ANSWER_TIMEOUT_S).returncode == 0
    except ContainerError:
        return False


def _objection(program: str) -> str | None:
    """Return why an engine cannot be used; None when it answers."""
    if shutil.which(program) is None:
        return f"{program} is not installed"
    try:
        answer = run_quietly((program, *_PROOF[program]), _ANSWER_TIMEOUT_S)
    except ContainerError as error:
        return f"{program} does not answer: {error}"
    if answer.returncode != 0 or not answer.stdout.strip():
        return f"{program} does not answer: {last_line(answer.stderr)}"
    return None


def _no_engine(objections: list[str]) -> NoEngineError:
    tried = "; ".join(objections)
    return NoEngineError(f"no container engine can be used here: {tried}")
