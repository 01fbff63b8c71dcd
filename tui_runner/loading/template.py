"""The pipeline.py that `tui-runner init` writes: small, commented, and running as it is."""

import contextlib
import os
import secrets
from pathlib import Path

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.errors.site import Site
from tui_runner.loading.locate import FILE_NAME

TEMPLATE = '''\
"""The tasks of this project.

    tui-runner dev      bring everything up and watch it; `q` takes it down again
    tui-runner run web  build `web` and what it needs, without a terminal
    tui-runner list     what there is
"""

from tui_runner import command, pipeline, restart, task

# A service. Tasks that need it start once a line of its output holds the text of `ready_when`.
# It also takes tcp(5432), http("http://localhost:8000/health"), file_exists(…), or a function of one line.
database = task(
    "database",
    description="stands for a database",
    commands={
        "dev": command(
            "echo starting; sleep 1; echo ready for connections; while true; do sleep 5; echo one query; done",
            ready_when="ready for connections",
            teardown="echo the database has been cleaned up",
        ),
    },
)

# A step: done when it exits with 0. `run=` is used in every mode, `commands=` has one command per mode.
assets = task("assets", description="made before anything is served", run="echo packing; sleep 1; echo packed")

web = task(
    "web",
    description="needs the database and the assets",
    env={"GREETING": "hello"},
    depends_on=[database, assets],
    commands={
        "dev": command(
            "echo listening; while true; do sleep 2; echo $GREETING; done",
            ready_when="listening",
            restart=restart("on-failure"),
        ),
        "build": "echo building for production",
    },
)

main = pipeline([database, assets, web])
'''
"""Uses public names only."""


def write_template(directory: Path) -> Path:
    """Write a pipeline.py into a directory, whole or not at all, and return its path.

    Raises:
        DefinitionError: there is one already; it is not touched.
        OSError: the directory cannot be written to.
    """
    target = directory.absolute() / FILE_NAME
    partial = target.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    # The user's file, not ours: its mode follows the umask like that of any new file.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(TEMPLATE)
        os.link(partial, target)  # unlike a rename, this never replaces a file
    except FileExistsError:
        raise DefinitionError((_exists(target),)) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
    return target


def _exists(target: Path) -> Problem:
    return Problem(
        kind=ProblemKind.USAGE,
        message=f"there is a `{FILE_NAME}` already, and it is left as it is",
        site=Site(file=str(target), line=0),
        help="edit it, or choose another directory with `-C DIR`",
    )
