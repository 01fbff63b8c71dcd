"""Contents of files: once each, copied, verified."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace

from tui_runner.caching.copying import PIECE_BYTES
from tui_runner.caching.store import CacheError

SIZES = [0, 1, 4096, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 17]


def add(workspace: CacheWorkspace, path: Path) -> tuple[bytes, int]:
    with workspace.store.using():
        return workspace.store.add_blob(os.fsencode(path))


def copy(workspace: CacheWorkspace, digest: bytes, size: int, to: Path) -> bool:
    with workspace.store.using():
        return workspace.store.copy_blob(digest, size, os.fsencode(to))


@pytest.mark.parametrize("size", SIZES)
def test_a_content_comes_out_as_it_went_in(size: int, workspace: CacheWorkspace) -> None:
    content = os.urandom(size)
    file = workspace.write("a.bin", content)
    assert add(workspace, file) == (hashlib.sha256(content).digest(), size)
    assert copy(workspace, hashlib.sha256(content).digest(), size, workspace.root / "copy")
    assert (workspace.root / "copy").read_bytes() == content
    assert workspace.unfinished() == []


def test_a_copy_is_private_until_its_mode_is_set(workspace: CacheWorkspace) -> None:
    digest, size = add(workspace, workspace.write("a", "secret", mode=0o644))
    assert copy(workspace, digest, size, workspace.root / "copy")
    assert stat.S_IMODE((workspace.root / "copy").stat().st_mode) == 0o600


@pytest.mark.parametrize("size", [10, PIECE_BYTES + 10])
def test_equal_contents_are_kept_once_and_nobody_can_write_to_them(size: int, workspace: CacheWorkspace) -> None:
    content = os.urandom(size)
    assert add(workspace, workspace.write("a", content)) == add(workspace, workspace.write("b", content))
    (blob,) = workspace.blob_files()
    assert blob.name == hashlib.sha256(content).hexdigest()
    assert stat.S_IMODE(blob.stat().st_mode) == 0o400
    assert workspace.unfinished() == []


@pytest.mark.parametrize("size", [10, PIECE_BYTES + 10])
def test_writing_to_a_file_in_place_does_not_reach_the_store(size: int, workspace: CacheWorkspace) -> None:
    content = os.urandom(size)
    file = workspace.write("a", content)
    digest, _ = add(workspace, file)
    assert copy(workspace, digest, size, workspace.root / "copy")
    for place in (file, workspace.root / "copy"):
        with place.open("r+b") as writing:
            writing.write(b"changed")
    assert copy(workspace, digest, size, workspace.root / "again")
    assert (workspace.root / "again").read_bytes() == content


@pytest.mark.parametrize("size", [100, 2 * PIECE_BYTES])
@pytest.mark.parametrize("damage", ["shorter", "longer", "flipped", "empty", "directory", "link", "pipe"])
def test_a_broken_blob_is_never_handed_out_and_gone_afterwards(
    damage: str, size: int, workspace: CacheWorkspace
) -> None:
    content = os.urandom(size)
    file = workspace.write("a", content)
    digest, _ = add(workspace, file)
    (blob,) = workspace.blob_files()
    blob.chmod(0o600)
    match damage:
        case "shorter":
            os.truncate(blob, size - 1)
        case "longer":
            os.truncate(blob, size + 1)
        case "flipped":
            blob.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
        case "empty":
            os.truncate(blob, 0)
        case "directory":
            blob.unlink()
            blob.mkdir()
            (blob / "x").touch()
        case "link":
            blob.unlink()
            blob.symlink_to(file)
        case _:
            blob.unlink()
            os.mkfifo(blob)
    assert not copy(workspace, digest, size, workspace.root / "copy")
    assert not (workspace.root / "copy").exists()
    assert not os.path.lexists(blob)
    assert file.read_bytes() == content
    assert add(workspace, file) == (digest, size)
    assert copy(workspace, digest, size, workspace.root / "copy")
    assert workspace.unfinished() == []


def test_a_directory_of_blobs_that_is_a_link_is_neither_written_nor_cleaned_through(
    workspace: CacheWorkspace, tmp_path: Path
) -> None:
    file = workspace.write("a", "content")
    digest, size = add(workspace, file)
    (blob,) = workspace.blob_files()
    victim = tmp_path / "victim"
    blob.parent.rename(victim)
    blob.parent.symlink_to(victim)
    (victim / blob.name).chmod(0o600)
    (victim / blob.name).write_text("precious")
    assert not copy(workspace, digest, size, workspace.root / "copy")
    with pytest.raises(CacheError, match="is a symbolic link"):
        add(workspace, file)
    assert [path.read_text() for path in victim.iterdir()] == ["precious"]


def test_what_is_not_there_is_told_from_what_is(workspace: CacheWorkspace) -> None:
    digest, size = add(workspace, workspace.write("a", "content"))
    assert workspace.store.has_blob(digest, size)
    assert not workspace.store.has_blob(digest, size + 1)
    assert not workspace.store.has_blob(b"x" * 32, size)
    assert not copy(workspace, b"x" * 32, size, workspace.root / "copy")
    assert workspace.store.read_blob(b"x" * 32) is None
    assert not copy(workspace, digest, 1 << 50, workspace.root / "copy")
    assert workspace.store.has_blob(digest, size), "a lie about its size does not cost a good blob"


def test_small_things_are_kept_from_memory(workspace: CacheWorkspace) -> None:
    with workspace.store.using():
        digest = workspace.store.add_bytes(b"what the task printed\n")
        assert workspace.store.read_blob(digest) == b"what the task printed\n"
        (blob,) = workspace.blob_files()
        blob.chmod(0o600)
        blob.write_bytes(b"what the task never said\n")
        assert workspace.store.read_blob(digest) is None
    assert not blob.exists()


@pytest.mark.parametrize("kind", ["missing", "directory", "link", "pipe"])
def test_only_regular_files_can_be_added(kind: str, workspace: CacheWorkspace) -> None:
    place = workspace.root / "odd"
    match kind:
        case "directory":
            place.mkdir()
        case "link":
            place.symlink_to(workspace.write("precious", "x"))
        case "pipe":
            os.mkfifo(place)
        case _:
            pass
    with pytest.raises(CacheError, match=r"cannot read .*odd"):
        add(workspace, place)
    assert workspace.blob_files() == []


def test_names_of_files_cannot_steer_the_terminal_through_a_message(workspace: CacheWorkspace) -> None:
    with pytest.raises(CacheError) as caught:
        add(workspace, workspace.root / "odd\x1b[2J\nname")
    assert "odd?[2J?name" in str(caught.value)


def test_an_existing_file_is_not_written_over_by_a_copy(workspace: CacheWorkspace) -> None:
    digest, size = add(workspace, workspace.write("a", "content"))
    other = workspace.write("other", "precious")
    with pytest.raises(CacheError, match=r"cannot write .*other: File exists"):
        copy(workspace, digest, size, other)
    assert other.read_text() == "precious"


def test_a_file_that_changes_while_it_is_copied_is_not_kept(workspace: CacheWorkspace) -> None:
    file = workspace.write("growing.log", bytes(8 * PIECE_BYTES))
    writing, done = threading.Event(), threading.Event()

    def write() -> None:
        with file.open("r+b", buffering=0) as growing:
            while not done.is_set():
                growing.write(b"x")
                growing.seek(0)
                writing.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert writing.wait(20)
        with pytest.raises(CacheError, match=r"growing\.log was changed while it was copied"):
            add(workspace, file)
    finally:
        done.set()
        writer.join()
    assert workspace.blob_files() == workspace.unfinished() == []


def test_runs_of_zeros_take_no_room(workspace: CacheWorkspace) -> None:
    file = workspace.root / "sparse"
    with file.open("wb") as sparse:
        sparse.write(b"head")
        sparse.seek(16 * PIECE_BYTES)
        sparse.write(b"middle")
        sparse.truncate(32 * PIECE_BYTES)
    digest, size = add(workspace, file)
    assert size == 32 * PIECE_BYTES
    assert copy(workspace, digest, size, workspace.root / "copy")
    for place in (*workspace.blob_files(), workspace.root / "copy"):
        assert place.stat().st_size == size
        assert place.stat().st_blocks * 512 <= 4 * PIECE_BYTES
    assert (workspace.root / "copy").read_bytes() == file.read_bytes()


SHARED = """
import os, sys
from pathlib import Path
from cache_workspace import CacheWorkspace
root = Path(sys.argv[1])

def taken():
    os.sync()
    disk = os.statvfs(root)
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize

workspace = CacheWorkspace(root)
content = os.urandom(32 << 20)
workspace.write("large", content)
before = taken()
wanted = workspace.take("large").outputs
(root / "large").rename(root / "other")
restored = workspace.bring_back(wanted, "large")
print(restored.written, taken() - before < 4 << 20)
with (root / "large").open("r+b") as writing:
    writing.write(b"changed in place")
(root / "large").unlink()
workspace.bring_back(wanted, "large")
print((root / "large").read_bytes() == (root / "other").read_bytes() == content)
"""


@pytest.mark.real
def test_where_the_file_system_can_contents_take_no_room_of_their_own(tmp_path: Path) -> None:
    image, mount = tmp_path / "image", tmp_path / "mount"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(400 << 20)
    maker = next((found for name in ("mkfs.btrfs", "mkfs.xfs") if (found := shutil.which(name))), None)
    if maker is None:
        pytest.skip("there is no mkfs for such a file system")
    subprocess.run([maker, "-q", image], check=True, capture_output=True)
    mounted = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -o loop "$0" "$1" && shift && exec "$@"',
        str(image),
        str(mount),
    ]
    if subprocess.run([*mounted, "true"], capture_output=True, check=False).returncode:
        pytest.skip("may not mount anything here")
    done = subprocess.run(
        [*mounted, sys.executable, "-c", SHARED, mount],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout.splitlines()) == ("", ["1 True", "True"])


LARGE = """
import os, resource, sys
from pathlib import Path
from cache_workspace import CacheWorkspace
workspace = CacheWorkspace(Path(sys.argv[1]))
wanted = workspace.take("large").outputs  # loads all it needs
with open(workspace.root / "large", "wb") as file:
    file.truncate(256 << 20)
    file.write(b"not only zeros")
used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (used + (100 << 20),) * 2)
wanted = workspace.take("large").outputs
os.unlink(workspace.root / "large")
restored = workspace.bring_back(wanted, "large")
print(wanted[0].size, restored.written, os.stat(workspace.root / "large").st_size)
"""


@pytest.mark.real
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is measured by /proc")
def test_a_large_file_is_never_held_in_memory(workspace: CacheWorkspace) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LARGE, str(workspace.root)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.stdout.split()) == ("", [str(256 << 20), "1", str(256 << 20)])
