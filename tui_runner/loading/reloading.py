"""Loads `pipeline.py` again in a process that has loaded it before, with everything of the user's that it imports.

Modules of the user's are taken out of `sys.modules` first, so that edits of them count; what was installed, and what is
ours, stays. When the file cannot be loaded, all is put back as it was.
"""

import importlib
import linecache
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.loader import load_pipeline
from tui_runner.model.pipeline import Pipeline

_INSTALLED = {"site-packages", "dist-packages"}
_OURS = {"tui_runner", "widgets", "__main__"}


def reload_pipeline(file: Path) -> Pipeline:
    """Run the file anew and return its pipeline. Blocks as long as the file does; may be called in a thread.

    Raises:
        DefinitionError: as `load_pipeline`; what is imported is as it was before then.
    """
    taken = _take_out()
    linecache.clearcache()
    importlib.invalidate_caches()
    try:
        return load_pipeline(file, alone=False)
    except DefinitionError:
        for name in _names_of_users():
            sys.modules.pop(name, None)
        sys.modules.update(taken)
        raise


def _take_out() -> dict[str, ModuleType]:
    """Take the modules of the user's out; return them."""
    return {name: sys.modules.pop(name) for name in _names_of_users()}


def _names_of_users() -> list[str]:
    installed = tuple(sysconfig.get_paths()[key] + "/" for key in ("stdlib", "platstdlib"))
    return [
        name
        for name, module in sys.modules.items()
        if name.partition(".")[0] not in _OURS and _is_of_user(module, installed)
    ]


def _is_of_user(module: ModuleType, installed: tuple[str, ...]) -> bool:
    """Tell whether a module is source code that was not installed, or a directory of such."""
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    if isinstance(origin, str):
        return origin.endswith(".py") and _is_outside((origin,), installed)
    places = getattr(spec, "submodule_search_locations", None)
    return places is not None and _is_outside(tuple(places), installed)


def _is_outside(places: Iterable[str], installed: tuple[str, ...]) -> bool:
    found = tuple(places)
    return bool(found) and not any(
        place.startswith(installed) or _INSTALLED & set(Path(place).parts) for place in found
    )
