"""The command line of this room: which verb, and what its problems end with."""

from tui_runner.containers import compose_task, container_task
from tui_runner.containers.order import compose_order, container_order
from tui_runner.containers.problem import UNAVAILABLE, ContainerError, NoEngineError
from tui_runner.containers.say import say

_USAGE = 2


def main(arguments: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    verb, text = arguments if len(arguments) == 2 else ("", "")
    try:
        match verb:
            case "compose-up":
                code = compose_task.up(compose_order(text))
            case "compose-down":
                code = compose_task.down(compose_order(text))
            case "container-run":
                code = container_task.run(container_order(text))
            case "container-remove":
                code = container_task.remove(container_order(text))
            case _:
                say("this program is started by tasks made with `compose(…)` and `container(…)`")
                return _USAGE
    except NoEngineError as error:
        say(str(error))
        return UNAVAILABLE
    except (ContainerError, OSError) as error:
        say(str(error))
        return 1
    return 1 if code == UNAVAILABLE else code  # a container that ends with it does not say that there is no engine
