"""Checks of numbers and variables that come from outside the definitions, or from functions in them."""

from collections.abc import Mapping

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.model.environment import environment_faults
from tui_runner.planning.ownership import Ownership


def option_problems(*, mode: object, max_concurrency: object, env: object) -> list[Problem]:
    """Return what is wrong with the options of a run."""
    problems: list[Problem] = []
    if not isinstance(mode, str) or not mode:
        problems.append(_invalid(f"the mode must be a name such as `dev` or `build`, not {mode!r}", None, None))
    if max_concurrency is not None and not _is_limit(max_concurrency):
        problems.append(_invalid(_limit_message("`max_concurrency`", max_concurrency), None, None))
    problems += [_invalid(f"`env`: {fault}", None, None) for fault in environment_faults(env)]
    return problems


def inner_limits(ownership: Ownership, mode: str) -> tuple[Mapping[int, int], list[Problem]]:
    """Return the limits of nested pipelines that set one in this mode, and what is wrong with others."""
    limits: dict[int, int] = {}
    problems: list[Problem] = []
    for number, task in enumerate(ownership.tasks):
        wanted: object = task.inner_concurrency
        what = f"`max_concurrency` of `{ownership.ids[number]}`"
        if callable(wanted):
            try:
                wanted = wanted(mode)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - the user's function may raise anything
                from traceback import format_exception_only  # noqa: PLC0415 - slow to import, and few functions break

                kind, _, words = format_exception_only(error)[-1].strip().partition(": ")
                message = f"{what} raised {kind} for the mode `{mode}`: {words}"
                problems.append(_invalid(message, task.site, ownership.ids[number]))
                continue
        if wanted is None:
            continue
        if isinstance(wanted, int) and _is_limit(wanted):
            limits[number] = wanted
        else:
            problems.append(_invalid(_limit_message(what, wanted), task.site, ownership.ids[number]))
    return limits, problems


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _limit_message(what: str, value: object) -> str:
    return f"{what} must be a whole number of at least 1, not {value!r:.80}"


def _invalid(message: str, site: Site | None, task: str | None) -> Problem:
    return Problem(kind=ProblemKind.INVALID_OPTION, message=message, site=site, task=task)
