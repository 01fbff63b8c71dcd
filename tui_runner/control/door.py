"""The control socket of a run in this process, opened when the run has lived for a moment.

Most runs of `run` in scripts are over before anybody could connect: they do not pay for a server. Until it opens,
clients hear that the run is just starting.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui_runner.model.result import RunResult

if TYPE_CHECKING:
    from tui_runner.control.server import ControlServer
    from tui_runner.control.supervised import Supervised

_MOMENT_S: Final = 0.05


class Door:
    """Opens by itself after a moment; must be closed, on the loop it was made on."""

    def __init__(self, supervised: "Supervised", socket: Path, tell: Callable[[str], None]) -> None:
        """`tell` hears, once and for people, that the socket could not be opened: the run goes on without it."""
        self._supervised = supervised
        self._socket = socket
        self._tell = tell
        self._server: ControlServer | None = None
        self._opening = asyncio.get_running_loop().create_task(self._open(), name="tui-runner control socket")

    async def close(self, result: RunResult | None) -> None:
        """Close it, telling whoever is connected how the run ended; None closes without a word."""
        self._opening.cancel()
        await asyncio.wait((self._opening,))
        if self._server is None:
            return
        from tui_runner.control.protocol import Ended  # noqa: PLC0415 - only for runs that live long enough
        from tui_runner.control.run_summary import exit_code_of, summarize  # noqa: PLC0415 - the same

        ended = None if result is None else Ended(exit_code=exit_code_of(result), summary=summarize(result))
        await self._server.finish(ended)

    async def _open(self) -> None:
        await asyncio.sleep(_MOMENT_S)
        from tui_runner.control.server import ControlServer  # noqa: PLC0415 - the same

        self._server = server = ControlServer(self._supervised)
        try:
            await server.listen(self._socket)
        except OSError as error:
            self._tell(f"warning: `ps`, `stop` and the like cannot reach this run: {error}")
