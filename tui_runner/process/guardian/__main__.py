"""Start of the guardian: `python -I -S __main__.py <descriptor of its socket> <marker of the run>`."""

import sys

_HERE = __file__.rpartition("/")[0]
_PACKAGE = _HERE.rpartition("/")[0].rpartition("/")[0]

if __name__ == "__main__":
    # The real `tui_runner/__init__.py` imports `typing`, which costs more than the whole guardian. An empty stand-in
    # gives access to the modules below it without touching `sys.path`, so nothing can shadow the standard library.
    package = type(sys)("tui_runner")
    package.__path__ = [_PACKAGE]
    sys.modules["tui_runner"] = package

    from tui_runner.process.guardian.loop import main

    main(int(sys.argv[1]), sys.argv[2])
