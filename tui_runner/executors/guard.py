"""The guardian of one run as an executor has it: started once, replaced when it is killed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.retention import LogLimits
from tui_runner.process.guardian_client import BYE_PATIENCE_S, GuardianClient, ProcessId, start_guardian
from tui_runner.process.guardian_event import TaskEvent
from tui_runner.process.guardian_process import GuardianProcess, new_marker
from tui_runner.process.redaction import Redaction

if TYPE_CHECKING:
    from tui_runner.executors.adopted import Adopted


_MOST_SUCCESSORS: Final = 5
"""Whoever kills that many means it, or they die of something that lies in the run."""


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a guardian is given beside its tasks."""

    ahead: GuardianProcess | None = None
    """One that was started before; None starts it with `start`."""
    held: tuple[int, ...] = ()
    """Descriptors that it keeps open until it ends."""
    journal: int | None = None
    """Descriptor of the journal it writes, open for appending; None keeps none."""
    log_limits: LogLimits | None = None
    """How large logs may become that it writes after our death."""
    own_process: bool = False
    """This process is ours alone, no host program: orphans of a killed guardian may become its children."""


class Guard:
    """Starts a guardian, puts another in its place when it is killed, and ends what is left when that fails too."""

    def __init__(
        self,
        settings: GuardSettings,
        environment: Mapping[str, str],
        redaction: Redaction,
        *,
        on_event: Callable[[TaskEvent], None],
        on_lost: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is started yet.

        `environment` is what tasks start from. `redaction` knows the secrets, and may learn more. `on_lost` is told, for people, that the guardian was
        killed: call `succeed` or `rescue` then.
        """
        ahead = settings.ahead
        self.marker = new_marker() if ahead is None else ahead.marker
        """Names this run in the environment of every child; unique."""
        self._ahead = ahead
        self._settings = settings
        self._environment = environment
        self._redaction = redaction
        self._hidden: tuple[bytes, ...] = ()
        """What the guardian knows of secrets."""
        self._on_event = on_event
        self._on_lost = on_lost
        self._client: GuardianClient | None = None
        self._adopted: Adopted | None = None
        self._successors = 0
        self._rescue: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the guardian and return at once. Needs a running event loop.

        Raises:
            GuardianError: the process could not be started.
        """
        process, self._ahead = self._ahead or start_guardian(self.marker), None
        self._take(process)
        if self._settings.own_process:
            from tui_runner.executors.adopted import Adopted  # noqa: PLC0415 - not for host programs

            self._adopted = Adopted()

    def _take(self, process: GuardianProcess) -> GuardianClient:
        self._hidden = self._redaction.hidden
        self._client = GuardianClient.start(
            process,
            self._environment,
            on_event=self._on_event,
            on_lost=self._on_lost,
            held=self._settings.held,
            hidden=self._hidden,
            journal=self._settings.journal,
            log_limits=self._settings.log_limits,
        )
        return self._client

    @property
    def client(self) -> GuardianClient:
        """The guardian that answers now. Raises GuardianError before `start`."""
        if self._client is None:
            raise GuardianError("the executor was not started")
        return self._client

    def tell_secrets(self) -> None:
        """Let the guardian know what secrets were learnt since: it writes logs itself when this process dies."""
        if self._hidden != self._redaction.hidden:
            self._hidden = self._redaction.hidden
            self.client.hide(self._hidden)

    @property
    def given_up(self) -> bool:
        """There is no guardian any more."""
        return self._rescue is not None

    def succeed(self) -> GuardianClient | None:
        """Start another guardian; None when there were too many already, or it cannot be started."""
        if self._successors == _MOST_SUCCESSORS:
            return None
        self._successors += 1
        try:
            successor = self._take(start_guardian(self.marker))
        except GuardianError:
            return None
        if self._adopted is not None:
            successor.inherit_others(self._adopted.found({successor.pid}))
        return successor

    @property
    def last_words(self) -> str:
        """What is told of a rescue, for people."""
        if self._settings.journal is None:
            return "all processes were ended, teardowns could not run"
        return "all processes were ended; teardowns that are due run when tui-runner starts here the next time"

    def rescue(self, groups: Iterable[ProcessId], told: Callable[[], None]) -> None:
        """End all groups and everything that carries the marker without a guardian; `told` is called at the end.

        `groups` are their leaders.
        """
        self._rescue = asyncio.get_running_loop().create_task(self._clean_up(tuple(groups), told))

    async def _clean_up(self, groups: tuple[ProcessId, ...], told: Callable[[], None]) -> None:
        try:
            await self._end_orphans(groups)
        finally:
            told()

    async def bye(self, groups: Callable[[], Iterable[ProcessId]], patience_s: float = BYE_PATIENCE_S) -> None:
        """Sweep everything that is left and end the guardian; what one leaves that does not end is ended without it.

        `groups` returns the leaders of the process groups of everything that runs.
        """
        if self._ahead is not None:
            self._ahead.dismiss()
        if self._client is not None and not await self._client.bye(patience_s) and self._rescue is None:
            await self._end_orphans(groups())
        if self._rescue is not None:
            await asyncio.shield(self._rescue)
        elif self._successors:
            await self._end_orphans(())

    async def _end_orphans(self, groups: Iterable[ProcessId]) -> None:
        from tui_runner.executors.orphans import end_orphans  # noqa: PLC0415 - only a lost guardian leaves any

        await end_orphans(groups, self.marker)
        if self._adopted is not None:
            self._adopted.sweep({self.client.pid})
