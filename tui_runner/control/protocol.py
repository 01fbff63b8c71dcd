"""Messages of the control socket: length-prefixed msgpack frames of tagged structs.

A frame is a 4-byte big-endian length and a msgpack map with the key `type`. First frame both ways is `Hello`.
A client that only wants `ps` or `down` may talk to a server of another version: `Hello`, `Command`, `Reply` and the
fields they have now never change meaning. Nothing here touches a socket.
"""

import struct
from typing import Literal, TypeVar

import msgspec

from tui_runner.errors.problem import Problem
from tui_runner.errors.runner_error import ProtocolError
from tui_runner.model.details import TaskDetails
from tui_runner.model.output import Stream
from tui_runner.model.plan_changes import KnownTask, PlanChanges
from tui_runner.model.state import TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.usage import TaskUsage
from tui_runner.model.view import RunView, TaskView

PROTOCOL = 1
"""Raised when a message changes its meaning."""
MAX_FRAME_BYTES = 8 << 20
"""A larger frame ends the connection."""
CHUNK_BYTES = 128 << 10
"""Most data bytes in one `Chunk`."""

Verb = Literal[
    "start",
    "stop",
    "restart",
    "signal",
    "details",
    "down",
    "detach",
    "ps",
    "pause-watching",
    "resume-watching",
    "reload",
    "known",
]
"""`reload` loads `pipeline.py` again and goes over to it; `known` is answered with all tasks it holds; `start` of one of those that is not part of the run adds it, with what it needs; `pause-watching` lets changes of watched files wait, `resume-watching` acts on them; `details` is answered with what is told only on request; `signal` sends one to the process group of a task; `down` is the ordered stop of the run; asked again it kills, asked a third time it gives up on teardowns."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="hello"):
    """First frame of both sides."""

    protocol: int = PROTOCOL
    version: str = ""
    run_id: str = ""
    """Empty from a client."""


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="subscribe"):
    """Send the task's output from this offset of its log file on; None means from its end."""

    task: TaskId
    start: int | None = msgspec.field(name="from", default=None)


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="unsubscribe"):
    """Send no more output of the task."""

    task: TaskId


class WatchUsage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="watch-usage"):
    """Tell what tasks use of the machine, or no more. The supervisor looks only while somebody wants to be told."""

    on: bool = True


class Resize(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="resize"):
    """The terminal of the task is shown in this many cells. Not answered: the `State` of the task tells its size."""

    task: TaskId
    rows: int
    columns: int
    claim: bool = False
    """Somebody works with it here: take it over from another client. Else the size counts while no other has it."""


class Input(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="input"):
    """Type into the terminal of the task. Not answered."""

    task: TaskId
    data: bytes
    answer: bool = False
    """A terminal says it, not a person: what a program asked. One client answers, the one that has the terminal."""


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="command"):
    """Do something; answered by one `Reply` with the same id."""

    id: int
    verb: Verb
    task: TaskId | None = None
    """None for what concerns the whole run, such as `down` and `ps`."""
    wait: bool = True
    """Reply when it is done (ready, stopped, gone) instead of when it was understood."""
    usage: bool = False
    """With `ps`: also what tasks use of the machine, which takes some 0.3 s."""
    with_dependents: bool = False
    """With `restart`: also what depends on the task through any chain, and runs or has failed."""
    signal: str = ""
    """With `signal`: its name, such as `SIGHUP`."""
    mode: str = ""
    """With `start`: run the task once in this mode, beside what runs."""
    preview: bool = False
    """With `reload` and `remove`: only tell what it would change."""
    remove: bool = False
    """With `stop`: take the task, and what only it needs, out of the run."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """The whole run, sent after the hello, and again when there are other tasks; `State` and `Run` keep it up to date."""

    run: RunView
    tasks: tuple[TaskView, ...]
    """In scheduling order."""


class State(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="state"):
    """One task changed."""

    task: TaskView


class Run(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="run"):
    """The run as a whole changed."""

    run: RunView


class Chunk(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="chunk"):
    """Output of a subscribed task. A gap between offsets means: read it from the log file."""

    task: TaskId
    offset: int
    """Position of `data` in the log file, in bytes."""
    time: float
    """Seconds since the epoch."""
    stream: Stream
    attempt: int
    data: bytes


class Usage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="usage"):
    """There was a look at what tasks use: those that look different now. For clients that watch usage."""

    tasks: tuple[TaskUsage, ...] = ()
    """One that has no processes any more comes with zeros."""
    complete: bool = False
    """All tasks that have processes: what was told before is void, and no time has passed."""


class Transition(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="event"):
    """A task entered a state at this time; the same that goes to events.jsonl."""

    time: float
    task: TaskId
    state: TaskState


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="reply"):
    """The answer to a command."""

    id: int
    ok: bool
    message: str = ""
    """For people; says why not when not ok."""
    tasks: tuple[TaskView, ...] = ()
    """The tasks concerned; for `ps` all of them."""
    run: RunView | None = None
    """With `ps`."""
    usage: tuple[TaskUsage, ...] = ()
    """With `ps`, when it was asked for: of tasks that have processes."""
    details: TaskDetails | None = None
    """With `details`."""
    changes: PlanChanges | None = None
    """What a reload, or another set of wanted tasks, changes or would change."""
    known: tuple[KnownTask, ...] = ()
    """With `known`."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the definitions; nothing was changed then."""


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="refused"):
    """The supervisor could not start or will not talk; it closes the connection afterwards."""

    problems: tuple[Problem, ...]


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ended"):
    """The run is over and every process is gone. Last frame."""

    exit_code: int
    summary: str
    """A few lines for people: what failed, how many tasks did what."""


ClientMessage = Hello | Subscribe | Unsubscribe | WatchUsage | Resize | Input | Command
ServerMessage = Hello | Snapshot | State | Run | Chunk | Usage | Transition | Reply | Refused | Ended

_Message = TypeVar("_Message")
_HEADER = struct.Struct("!I")
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Return the frame of a message, header included."""
    body = _ENCODER.encode(message)
    return _HEADER.pack(len(body)) + body


class FrameReader:
    """Cuts a byte stream into frames. Sans-I/O: feed it what was read."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Return the bodies of all frames that are complete now.

        Raises:
            ProtocolError: a frame announces more than `MAX_FRAME_BYTES`.
        """
        buffer = self._buffer
        buffer += data
        bodies: list[bytes] = []
        position = 0
        while len(buffer) - position >= _HEADER.size:
            (size,) = _HEADER.unpack_from(buffer, position)
            if size > MAX_FRAME_BYTES:
                raise ProtocolError(f"a frame of {size} bytes is larger than {MAX_FRAME_BYTES}")
            end = position + _HEADER.size + size
            if len(buffer) < end:
                break
            bodies.append(bytes(memoryview(buffer)[position + _HEADER.size : end]))
            position = end
        del buffer[:position]
        return bodies


class ClientMessageDecoder:
    """Decodes what clients send."""

    def __init__(self) -> None:
        self._decoder: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)

    def decode(self, body: bytes) -> ClientMessage:
        """Return the message.

        Raises:
            ProtocolError: it is none.
        """
        return _decode(self._decoder, body)


class ServerMessageDecoder:
    """Decodes what the server sends."""

    def __init__(self) -> None:
        self._decoder: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)

    def decode(self, body: bytes) -> ServerMessage:
        """Return the message.

        Raises:
            ProtocolError: it is none.
        """
        return _decode(self._decoder, body)


def _decode(decoder: "msgspec.msgpack.Decoder[_Message]", body: bytes) -> _Message:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ProtocolError(f"a frame could not be understood: {error}") from error
