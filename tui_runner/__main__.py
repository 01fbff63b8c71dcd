"""`python -m tui_runner` is the same program as `tui-runner`."""

from tui_runner.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
