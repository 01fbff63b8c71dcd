"""Who is told what tasks use: clients that show it. While there are none, nobody looks.

A client gets everything that is known first, then what changes. One that was behind begins anew.
"""

from tui_runner.control.connection import Connection
from tui_runner.control.protocol import Usage, encode
from tui_runner.control.supervised import Supervised
from tui_runner.model.usage import TaskUsage


class UsageFeed:
    """The clients that show usage."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._missed: dict[Connection, bool] = {}
        """Of every client: it was behind when something was told."""
        self._known: dict[str, TaskUsage] = {}

    def subscribe(self, connection: Connection) -> None:
        """Tell a client from now on; what is known at once. Again tells it everything once more."""
        if not self._missed:
            self._known = {usage.task: usage for usage in self._supervised.usage.watch(self._told)}
        self._missed[connection] = False
        self._send_all(connection)

    def unsubscribe(self, connection: Connection) -> None:
        """Tell a client nothing more; one that was not told before is ignored."""
        if self._missed.pop(connection, None) is not None and not self._missed:
            self._supervised.usage.unwatch(self._told)

    def caught_up(self, connection: Connection) -> None:
        """Send everything to a client that missed something."""
        if self._missed.get(connection) and not connection.behind:
            self._missed[connection] = False
            self._send_all(connection)

    def _send_all(self, connection: Connection) -> None:
        frame = encode(Usage(tasks=tuple(self._known.values()), complete=True))
        if not connection.send_unless_behind(frame):
            self._missed[connection] = True

    def _told(self, changed: tuple[TaskUsage, ...]) -> None:
        for usage in changed:
            if usage.processes:
                self._known[usage.task] = usage
            else:
                self._known.pop(usage.task, None)
        frame = encode(Usage(tasks=changed))
        for connection in self._missed:
            if not connection.send_unless_behind(frame):
                self._missed[connection] = True
