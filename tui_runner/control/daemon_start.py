"""The program of the supervisor process: `python -m tui_runner.control.daemon_start OPTIONS`. See `daemon`.

The garbage collector rests until the run begins: what is imported stays, looking through it again and again finds
nothing.
"""

import gc
import sys

if __name__ == "__main__":
    gc.disable()
    from tui_runner.process.lean_imports import import_lean

    for module in ("pathlib", "inspect", "subprocess", "uuid", "msgspec", "asyncio"):
        import_lean(module)
    from tui_runner.control.daemon import main

    raise SystemExit(main(sys.argv[1]))
