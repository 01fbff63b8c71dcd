"""The containers of one compose project, as one task sees them: which it wants, which it may stop, which remove."""

from tui_runner.containers.compose_engine import ComposeEngine
from tui_runner.containers.engine import PROJECT_LABEL, Container, Engine, run_quietly
from tui_runner.containers.found import Found
from tui_runner.containers.order import ComposeOrder
from tui_runner.containers.usage import Usage

_LIST_TIMEOUT_S = 20.0


class ComposeProject:
    """Asks the engine anew each time. Containers are found by their labels, whatever has become of the file."""

    def __init__(self, order: ComposeOrder, compose: ComposeEngine, name: str, usage: Usage) -> None:
        self.order = order
        self.compose = compose
        self.engine = Engine(compose.engine)
        self.name = name
        self.usage = usage
        self.found = Found(usage.file("found"))
        self._stale: dict[str, str] = {}
        """Containers that had ended before we began, and when they had been started."""

    def all_containers(self) -> list[Container]:
        """Return every container of the project."""
        return self.engine.containers({PROJECT_LABEL: self.name})

    def containers(self) -> list[Container]:
        """Return the containers of the wanted services, but for those that an `up` has not started again yet."""
        return [one for one in self._wanted() if one.is_up or self._stale.get(one.id) != one.started_at]

    def _wanted(self) -> list[Container]:
        wanted = self.order.services
        return [one for one in self.all_containers() if not wanted or one.service in wanted]

    def _free(self) -> list[Container]:
        """Return those of the wanted services that nobody uses. Not while we hold them ourselves."""
        return [one for one in self._wanted() if not self.usage.is_used(one.service)]

    def to_stop(self) -> list[Container]:
        """Return what runs, nobody uses, and did not run before us. Not while we hold it ourselves."""
        kept = self.found.running_ids()
        return [one for one in self._free() if one.is_up and one.id not in kept]

    def to_remove(self) -> list[Container]:
        """Return what nobody uses and was not there before us. Not while we hold it ourselves."""
        kept = self.found.ids()
        return [one for one in self._free() if one.id not in kept]

    def note_found(self) -> list[Container]:
        """Write down what is there when nobody has used the project yet; return what runs and is not ours."""
        theirs_possible = self.order.project is not None and not self.order.take_over
        if not self.usage.is_anything_used and not self.found.is_noted:
            self.found.note(self.all_containers() if theirs_possible else ())
        running = self.found.running_ids()
        return [one for one in self._wanted() if one.id in running and one.is_up]

    def note_stale(self) -> None:
        """Remember what has ended: it says nothing about the services until it is started again."""
        self._stale = {one.id: one.started_at for one in self._wanted() if not one.is_up}

    def wanted_services(self) -> tuple[str, ...]:
        """Return the services that have to be healthy; empty when only the containers can tell."""
        command = self.compose.services(self.name, self.order.files)
        if self.order.services or command is None:
            return self.order.services
        told = run_quietly(command, _LIST_TIMEOUT_S)
        return tuple(told.stdout.split()) if told.returncode == 0 else ()
