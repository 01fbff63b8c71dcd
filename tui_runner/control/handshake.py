"""What a client makes of the first frame of a supervisor."""

from tui_runner.control.protocol import PROTOCOL, Hello
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.version import VERSION


def check_hello(hello: Hello) -> None:
    """Return when both sides speak the same protocol.

    Raises:
        DefinitionError: they do not; the problem says which versions met and how to go on.
    """
    if hello.protocol == PROTOCOL:
        return
    theirs = f"tui-runner {hello.version or '(unknown)'}, protocol {hello.protocol}"
    problem = Problem(
        kind=ProblemKind.USAGE,
        message=f"the running supervisor is of another version ({theirs}) than this ({VERSION}, protocol {PROTOCOL})",
        help="`tui-runner ps` and `tui-runner down` still work; stop it and start again for the rest",
    )
    raise DefinitionError((problem,))
