"""Imports parts of the standard library, and msgspec, without what they bring along and our programs hardly ever use.

Loading OpenSSL alone takes longer than the rest of asyncio. For programs of ours only, first thing; in library mode the
modules of the host are its own business.
"""

import importlib
import os
import sys
from types import ModuleType
from typing import Final

_LATE: Final = {
    "pathlib": ("ipaddress",),
    "inspect": ("tokenize",),
    "subprocess": ("locale",),
    "uuid": ("platform",),
    "asyncio": ("ssl", "asyncio.sslproto"),
    "msgspec": ("msgspec.inspect",),
}
"""Modules, and what each imports by name and looks into only within functions few programs call."""
_DONE_WITHOUT: Final = {"msgspec": ("typing_extensions",)}
"""Modules, and what each tries first and does as well without on the versions of Python we run on."""


class _OnDemand(ModuleType):
    """Stands in for a module where it was imported by name; loads the real one when something in it is wanted."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:  # this version of Python wants it at once
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def import_lean(name: str) -> None:
    """Import a module so that what it hardly uses is loaded on first use.

    Everybody else who imports what was left out gets the real module. Nothing happens if the module is there already.
    """
    if name in sys.modules:
        return
    stand_ins = {late: _OnDemand(late) for late in _LATE[name] if late not in sys.modules}
    if "platform" in stand_ins:
        # All that `uuid` asks of it, and on Linux and macOS all it would do. The rest compiles many patterns.
        stand_ins["platform"].system = lambda: os.uname().sysname  # type: ignore[attr-defined]
    refused = [other for other in _DONE_WITHOUT.get(name, ()) if other not in sys.modules]
    sys.modules.update(stand_ins)
    sys.modules.update(dict.fromkeys(refused))  # type: ignore[arg-type]  # None makes an import fail
    try:
        importlib.import_module(name)
    finally:
        for other in refused:
            del sys.modules[other]
        for late, stand_in in stand_ins.items():
            if sys.modules.get(late) is stand_in:
                del sys.modules[late]
