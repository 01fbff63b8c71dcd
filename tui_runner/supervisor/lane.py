"""Short pieces of blocking work, done one after the other in a thread, some at a time. Who takes long is overtaken.

Threads of Python that all ask the system for much in little pieces slow each other down, and the event loop with them:
for each piece they hand the interpreter over. So one works, and rests while the loop deals with what it has done. Work
that hashes or copies much does not need the interpreter, and must not keep others waiting.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from time import monotonic
from typing import Any, Final, TypeVar

import msgspec

_Answer = TypeVar("_Answer")

_ROUND_S: Final = 0.01
"""After so long no more is begun before the loop has dealt with what was done."""
_LONG_S: Final = 0.05
"""After so long the next may begin beside."""


_AHEAD: Final = 2
"""So many pieces are prepared beside the one that is being done."""


class _Piece(msgspec.Struct):
    """One call, and who waits for what it returns: anything at all."""

    call: Callable[[], Any]
    answer: "asyncio.Future[Any]"
    prepare: Callable[[], None] | None
    """What can be begun before its turn; None when that was done, or there is nothing."""


_Done = tuple[_Piece, Any, BaseException | None]


class Lane:
    """Does pieces of work in the order asked for. Holds nothing when nothing is being done."""

    def __init__(self, pool: Executor, long_s: float = _LONG_S) -> None:
        """`pool` has the threads: two or more, or nobody is overtaken. That happens to work of more than `long_s`."""
        self._pool = pool
        self._long_s = long_s
        self._waiting: deque[_Piece] = deque()
        self._late: asyncio.TimerHandle | None = None
        """Ends the patience with the round that others wait for; None when there is none."""

    async def do(self, call: Callable[[], _Answer], prepare: Callable[[], None] | None = None) -> _Answer:
        """Return what a call returns that blocks, or raise what it raises.

        `prepare`, which must neither block nor raise, may be called shortly before: another process may then work for
        this call while others are done, and the loop deals with them.
        """
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Piece(call, answer, prepare))
        if self._late is None:
            self._begin()
        return await answer

    def _begin(self) -> None:
        """Begin a round, if somebody waits."""
        self._late = None
        if not self._waiting:
            return
        loop = asyncio.get_running_loop()
        late = self._late = loop.call_later(self._long_s, self._begin)
        loop.run_in_executor(self._pool, self._work).add_done_callback(lambda done: self._tell(done, late))

    def _work(self) -> list[_Done]:
        """Do some pieces; called in a thread."""
        done: list[_Done] = []
        until = monotonic() + _ROUND_S
        while not done or monotonic() < until:
            try:
                piece = self._waiting.popleft()
            except IndexError:  # another round has taken the last one
                break
            self._prepare()
            try:
                done.append((piece, piece.call(), None))
            except Exception as error:  # noqa: BLE001 - it is raised where somebody waits for it
                done.append((piece, None, error))
        return done

    def _prepare(self) -> None:
        """Begin with what comes next; called in a thread."""
        for index in range(_AHEAD):
            try:
                piece = self._waiting[index]
            except IndexError:
                break
            prepare, piece.prepare = piece.prepare, None
            if prepare is not None:
                prepare()

    def _tell(self, round_: "asyncio.Future[list[_Done]]", late: asyncio.TimerHandle) -> None:
        for piece, answer, error in round_.result():
            if piece.answer.done():
                continue  # cancelled
            if error is not None:
                piece.answer.set_exception(error)
            else:
                piece.answer.set_result(answer)
        if self._late is late:
            late.cancel()
            asyncio.get_running_loop().call_soon(self._begin)  # when those who were told have gone on
