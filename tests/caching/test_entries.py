"""Entries as files: found again, checked, and few."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cache_workspace import KEY, CacheWorkspace
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.caching.entries import KEPT_ENTRIES
from tui_runner.caching.entry import Entry, Output, OutputDirectory, OutputFile, OutputLink
from tui_runner.caching.entry_file import decode_entry, encode_entry
from tui_runner.caching.sealed import seal
from tui_runner.caching.store import CacheError

OTHER = "cd" * 32
FILE = OutputFile(path=b"dist/a", digest=b"d" * 32, size=3, mode=0o644)
LINK = OutputLink(path=b"dist/l", target=b"/anywhere")
DIRECTORY = OutputDirectory(path=b"dist", mode=0o755)


def test_an_entry_comes_back_as_it_was(workspace: CacheWorkspace) -> None:
    entry = workspace.entry(outputs=(DIRECTORY, FILE, LINK))
    with workspace.store.using():
        workspace.store.save(entry)
        assert workspace.store.load("build", "dev", KEY) == entry
        assert workspace.store.latest("build", "dev") == entry
        assert workspace.store.load("build", "dev", OTHER) is None
        assert workspace.store.load("build", "ci", KEY) is None
        assert workspace.store.latest("other", "dev") is None


def test_everything_is_for_its_owner_alone_and_hidden_from_git(workspace: CacheWorkspace) -> None:
    before = os.umask(0)
    try:
        workspace.write("a", "x")
        workspace.save(outputs=workspace.take("a").outputs)
    finally:
        os.umask(before)
    state = workspace.root / ".tui_runner"
    assert (state / ".gitignore").read_text() == "*\n"
    for path in (state, *state.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, path
    assert workspace.unfinished() == []


def test_entries_of_different_tasks_and_modes_never_meet(workspace: CacheWorkspace) -> None:
    names = [("a:b", "dev"), ("a", "b:dev"), ("A", "dev"), ("a", "dev"), ("../a", "dev"), ("a/b", "dev"), (".", "..")]
    files = {workspace.save(task=task, mode=mode) for task, mode in names}
    assert len(files) == len(names)
    for task, mode in names:
        entry = workspace.store.load(task, mode, KEY)
        assert entry is not None
        assert (entry.task, entry.mode) == (task, mode)
    assert all(file.parent.parent == workspace.places.entries for file in files)


def test_saving_again_replaces_the_entry_of_that_key(workspace: CacheWorkspace) -> None:
    workspace.save(outputs=(DIRECTORY,))
    workspace.save(outputs=(DIRECTORY, FILE))
    loaded = workspace.store.load("build", "dev", KEY)
    assert loaded is not None
    assert loaded.outputs == (DIRECTORY, FILE)
    assert len(list(workspace.store.entries())) == 1


def test_the_latest_entry_is_the_one_stored_last_not_the_one_used_last(workspace: CacheWorkspace) -> None:
    workspace.save(KEY)
    workspace.save(OTHER)
    workspace.store.used("build", "dev", KEY)
    latest = workspace.store.latest("build", "dev")
    assert latest is not None
    assert latest.key == OTHER


def test_a_broken_latest_entry_gives_way_to_the_one_before(workspace: CacheWorkspace) -> None:
    workspace.save(KEY)
    broken = workspace.save(OTHER)
    broken.write_bytes(b"")
    latest = workspace.store.latest("build", "dev")
    assert latest is not None
    assert latest.key == KEY
    assert not broken.exists()


def test_only_those_used_last_are_kept_of_each_task_and_mode(workspace: CacheWorkspace) -> None:
    keys = [f"{number:064x}" for number in range(KEPT_ENTRIES + 5)]
    workspace.save(OTHER, mode="ci")
    for key in keys[:KEPT_ENTRIES]:
        workspace.save(key)
    workspace.store.used("build", "dev", keys[0])
    for key in keys[KEPT_ENTRIES:]:
        workspace.save(key)
    kept = {entry.key for entry in workspace.store.entries() if entry.mode == "dev"}
    assert kept == {keys[0], *keys[-KEPT_ENTRIES + 1 :]}
    assert workspace.store.load("build", "ci", OTHER) is not None
    names = {path.suffix for path in workspace.places.entries.rglob("*") if path.is_file()}
    assert names == {".entry", ".used"}


def test_a_listing_tells_what_is_kept(workspace: CacheWorkspace) -> None:
    file = workspace.save(outputs=(DIRECTORY, FILE, LINK))
    (listed,) = workspace.store.entries()
    assert (listed.task, listed.mode, listed.key, listed.size, listed.files) == ("build", "dev", KEY, 3, 1)
    assert listed.place == str(file)
    assert workspace.store.where("build", "dev", KEY) == file
    workspace.store.used("build", "dev", KEY)
    (again,) = workspace.store.entries()
    assert again.used_at >= listed.used_at >= listed.created_at


def test_a_key_that_is_none_cannot_become_a_path(workspace: CacheWorkspace) -> None:
    with pytest.raises(ValueError, match="is no key"):
        workspace.store.load("build", "dev", "../../x")


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[:10],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:],
        lambda data: b"other" + data[5:],
        lambda data: b"\0" * len(data),
    ],
    ids=["empty", "beginning", "cut", "longer", "flipped", "magic", "zeros"],
)
def test_a_broken_entry_is_a_miss_and_gone_afterwards(
    damage: Callable[[bytes], bytes], workspace: CacheWorkspace
) -> None:
    file = workspace.save()
    file.write_bytes(damage(file.read_bytes()))
    assert workspace.store.load("build", "dev", KEY) is None
    assert not file.exists()
    assert list(workspace.store.entries()) == []


@pytest.mark.parametrize("kind", ["directory", "link", "pipe"])
def test_what_is_no_file_is_no_entry(kind: str, workspace: CacheWorkspace) -> None:
    file = workspace.save()
    original = file.read_bytes()
    file.unlink()
    match kind:
        case "directory":
            file.mkdir()
        case "link":
            file.symlink_to(workspace.write("planted", original))
        case _:
            os.mkfifo(file)
    assert workspace.store.load("build", "dev", KEY) is None
    assert list(workspace.store.entries()) == []
    if kind == "link":
        assert (workspace.root / "planted").read_bytes() == original


def test_an_entry_in_the_place_of_another_is_a_miss(workspace: CacheWorkspace) -> None:
    data = workspace.save(KEY).read_bytes()
    for place in (
        workspace.store.where("build", "dev", OTHER),
        workspace.store.where("other", "dev", KEY),
        workspace.store.where("build", "ci", KEY),
    ):
        assert place is not None
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    assert workspace.store.load("build", "dev", OTHER) is None
    assert workspace.store.load("other", "dev", KEY) is None
    assert workspace.store.load("build", "ci", KEY) is None
    assert workspace.store.load("build", "dev", KEY) is not None


def sealed(value: object) -> bytes:
    return seal(b"tui-runner cache entry\n", msgspec.msgpack.encode(value))


def test_a_planted_seal_does_not_help(workspace: CacheWorkspace) -> None:
    good = workspace.entry(outputs=(DIRECTORY, FILE))
    assert decode_entry(encode_entry(good)) == good
    plain = msgspec.msgpack.decode(msgspec.msgpack.encode(good))
    assert decode_entry(sealed(plain)) == good
    for wrong in (
        {**plain, "version": 2},
        {**plain, "outputs": None},
        {**plain, "inputs": {b"a": 1}},
        {**plain, "log": b"short"},
        {**plain, "outputs": [["file", b"a", b"d" * 31, 3, 0o644]]},
        {**plain, "outputs": [["file", b"a", b"d" * 32, -1, 0o644]]},
        {**plain, "outputs": [["file", b"a", b"d" * 32, 2**64 - 1, 0o644]]},
        {**plain, "outputs": [["file", b"a", b"d" * 32, 3, 0o4755]]},
        {**plain, "outputs": [["device", b"a", 1, 2]]},
        {name: value for name, value in plain.items() if name != "outputs"},
        [plain],
        7,
    ):
        assert decode_entry(sealed(wrong)) is None


@pytest.mark.parametrize(
    "header", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 100_000]
)
def test_sizes_in_an_entry_are_not_believed(header: bytes) -> None:
    assert decode_entry(seal(b"tui-runner cache entry\n", header)) is None
    payload = msgspec.msgpack.encode({"outputs": 0})[:-1] + header
    assert decode_entry(seal(b"tui-runner cache entry\n", payload)) is None


def file(path: bytes) -> OutputFile:
    return OutputFile(path=path, digest=b"d" * 32, size=3, mode=0o644)


@pytest.mark.parametrize(
    "outputs",
    [
        (file(b""),),
        (file(b"."),),
        (file(b".."),),
        (file(b"../a"),),
        (file(b"a/../../b"),),
        (file(b"a/./b"),),
        (file(b"a//b"),),
        (file(b"a/"),),
        (file(b"/"),),
        (file(b"//etc/passwd"),),
        (file(b"/etc/../passwd"),),
        (file(b"a\0b"),),
        (file(b"a"), file(b"a")),
        (file(b"b"), file(b"a")),
        (file(b"a"), file(b"a/b")),
        (OutputLink(path=b"a", target=b"/etc"), file(b"a/passwd")),
        (OutputLink(path=b"a", target=b"/etc"), OutputDirectory(path=b"a/b", mode=0o755), file(b"a/b/c")),
        (OutputLink(path=b"a", target=b""),),
        (OutputLink(path=b"a", target=b"x\0y"),),
    ],
    ids=lambda outputs: repr([(type(o).__name__, o.path) for o in outputs]),
)
def test_an_entry_with_paths_that_could_lead_astray_is_none(
    outputs: tuple[Output, ...], workspace: CacheWorkspace
) -> None:
    assert decode_entry(encode_entry(workspace.entry(outputs=outputs))) is None


@given(st.binary(max_size=300))
def test_no_bytes_at_all_do_harm(data: bytes) -> None:
    assert decode_entry(data) is None
    assert decode_entry(seal(b"tui-runner cache entry\n", data)) is None


@given(st.data())
def test_no_flipped_bit_is_overlooked(data: st.DataObject) -> None:
    whole = encode_entry(Entry(key="ab", task="t", mode="dev", created_at=1.0, duration_s=1.0, parts=(), outputs=()))
    where = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[where // 8] ^= 1 << where % 8
    assert decode_entry(bytes(flipped)) is None


def test_a_file_of_absurd_size_is_no_entry(workspace: CacheWorkspace) -> None:
    file = workspace.save()
    os.truncate(file, 1 << 40)
    assert workspace.store.load("build", "dev", KEY) is None
    assert not file.exists()


def test_an_entry_directory_that_is_a_link_is_neither_read_nor_written_nor_cleaned_through(
    workspace: CacheWorkspace, tmp_path: Path
) -> None:
    directory = workspace.save().parent
    victim = tmp_path / "victim"
    directory.rename(victim)
    (victim / f"{OTHER}.entry").write_bytes(b"broken")
    before = {path.name: path.read_bytes() for path in victim.iterdir()}
    directory.symlink_to(victim)
    assert workspace.store.load("build", "dev", KEY) is None
    assert workspace.store.load("build", "dev", OTHER) is None
    assert workspace.store.latest("build", "dev") is None
    workspace.store.used("build", "dev", KEY)
    assert list(workspace.store.entries()) == []
    with pytest.raises(CacheError, match="is a symbolic link"):
        workspace.save(OTHER)
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == before
