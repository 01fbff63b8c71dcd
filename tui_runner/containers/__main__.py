"""Start: `python -I -S <directory> compose-up|compose-down|container-run|container-remove <order as JSON>`."""

import sys

_HERE = __file__.rpartition("/")[0]
_PACKAGE = _HERE.rpartition("/")[0]

if __name__ == "__main__":
    # As in the guardian: an empty stand-in for the package, so that nothing heavy is imported and nothing shadows
    # the standard library.
    sys.path[:] = [entry for entry in sys.path if entry != _HERE]
    package = type(sys)("tui_runner")
    package.__path__ = [_PACKAGE]
    sys.modules["tui_runner"] = package

    from tui_runner.containers.program import main

    raise SystemExit(main(sys.argv[1:]))
