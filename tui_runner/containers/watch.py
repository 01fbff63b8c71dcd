"""Looking after containers until they are healthy, or until one of them has failed."""

from collections.abc import Callable, Sequence

from tui_runner.containers.condition import Condition, judge
from tui_runner.containers.engine import Container, Engine
from tui_runner.containers.foreground import Poll, PollingDone
from tui_runner.containers.problem import ContainerError
from tui_runner.containers.say import HEALTHY, say


def until_healthy(engine: Engine, find: Callable[[], list[Container]], wanted: Sequence[str]) -> Poll:
    """Return what looks once, and says so when all are healthy; a container that failed gives its exit code.

    An engine that does not answer for a moment is asked again.
    """
    sick: set[str] = set()

    def look() -> int | None:
        try:
            found = [_checked(engine, one) for one in find()]
        except ContainerError:
            return None
        finding = judge(found, wanted)
        if finding.failed is not None:
            say(f"{finding.failed.title} exited with code {finding.failed.exit_code} before all was healthy")
            return finding.failed.exit_code
        if finding.condition is Condition.HEALTHY:
            say(f"{', '.join(sorted({one.title for one in found}))}: {HEALTHY}")
            raise PollingDone
        for one in found:
            if one.health == "unhealthy" and one.title not in sick:
                sick.add(one.title)
                say(f"{one.title} is unhealthy: see its health check")
        return None

    return look


def first_ended(find: Callable[[], list[Container]]) -> Container | None:
    """Return a container that has ended; None when none has, or the engine does not answer for a moment."""
    try:
        return next((one for one in find() if one.status in {"exited", "stopped", "dead"}), None)
    except ContainerError:
        return None


def _checked(engine: Engine, container: Container) -> Container:
    """Return the container with the health that we found ourselves where podman has not looked yet."""
    if engine.program == "podman" and container.status == "running" and container.health in {"starting", "unhealthy"}:
        return container._replace(health="healthy" if engine.is_healthy_now(container.id) else container.health)
    return container
