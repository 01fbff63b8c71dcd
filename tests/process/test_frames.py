import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_runner.process.guardian.frames import Channel

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ends = socket.socketpair()
    one, other = (Channel(end) for end in ends)
    yield one, other
    one.close()
    other.close()


def all_received(sender: Channel, receiver: Channel, count: int) -> list[dict[str, object]]:
    messages: list[dict[str, object]] = []
    while len(messages) < count:
        sender.flush()
        messages += receiver.receive() or []
    return messages


def test_messages_arrive_whole_and_in_order(pair: Pair) -> None:
    one, other = pair
    sent: list[dict[str, object]] = [{"n": n, "data": b"x" * (n * 5000), "none": None} for n in range(100)]
    for message in sent:
        one.queue(message)
    assert all_received(one, other, 100) == sent
    assert not one.waiting


def test_descriptors_go_to_the_message_that_announced_them(pair: Pair) -> None:
    one, other = pair
    pipes = [os.pipe() for _ in range(20)]
    for number, (read, write) in enumerate(pipes):
        one.queue({"n": number, "padding": b"x" * 30_000})
        one.queue({"n": number, "nfds": 2}, (read, write))
    messages = [m for m in all_received(one, other, 40) if "nfds" in m]
    for message in messages:
        read, write = other.take_fds(2)
        assert os.get_inheritable(read) is False
        position = message["n"]
        assert isinstance(position, int)
        os.write(pipes[position][1], b"%d" % position)
        assert os.read(read, 10) == b"%d" % position
        os.close(read)
        os.close(write)
    for ends in pipes:
        for fd in ends:
            os.close(fd)


def test_descriptors_may_be_closed_while_their_message_still_waits(pair: Pair) -> None:
    one, other = pair
    one.queue({"big": b"x" * 4_000_000})
    one.flush()
    assert one.waiting
    read, write = os.pipe()
    one.queue({"nfds": 1}, (write,))
    one.flush()
    os.close(write)
    all_received(one, other, 2)
    (arrived,) = other.take_fds(1)
    os.write(arrived, b"alive")
    assert os.read(read, 10) == b"alive"
    os.close(arrived)
    os.close(read)


def test_lost_descriptors_are_noticed_and_the_rest_is_closed(pair: Pair) -> None:
    one, other = pair
    read, write = os.pipe()
    one.queue({"nfds": 2}, (read,))
    all_received(one, other, 1)
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert other.take_fds(2) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before - 1
    os.close(read)
    os.close(write)


def test_the_end_of_the_peer_is_told(pair: Pair) -> None:
    one, other = pair
    one.queue({"last": True})
    one.flush()
    one.close()
    assert other.receive() == [{"last": True}]
    assert other.receive() is None
