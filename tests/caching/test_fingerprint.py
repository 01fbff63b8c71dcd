import hashlib
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from file_sets import Tree
from file_time import let_time_pass, ticks_finely

from tui_runner.caching.fingerprint import take_fingerprint
from tui_runner.caching.store import CacheError


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write({"src/a": "one", "src/b": "two", "src/deep/c": "three"})
    return made


def test_the_digest_tells_contents_names_and_exec_bits(tree: Tree) -> None:
    digests = {tree.look("src").digest}
    (tree.root / "src/a").write_text("ONE")
    digests.add(tree.look("src").digest)
    (tree.root / "src/a").chmod(0o755)
    digests.add(tree.look("src").digest)
    (tree.root / "src/a").rename(tree.root / "src/z")
    digests.add(tree.look("src").digest)
    (tree.root / "src/z").unlink()
    digests.add(tree.look("src").digest)
    assert len(digests) == 5


def test_contents_that_change_places_count(tree: Tree) -> None:
    before = tree.look("src").digest
    (tree.root / "src/a").rename(tree.root / "src/x")
    (tree.root / "src/b").rename(tree.root / "src/a")
    (tree.root / "src/x").rename(tree.root / "src/b")
    assert tree.look("src").digest != before


def test_the_digest_knows_no_times_no_owner_bits_and_no_empty_directories(tree: Tree, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    copy = Tree(other)
    copy.write({"src/deep/c": "three", "src/b": "two", "src/a": "one"})
    (copy.root / "src/empty/deeper").mkdir(parents=True)
    (copy.root / "src/a").chmod(0o600)
    os.utime(copy.root / "src/b", (1, 1))
    assert copy.look("src").digest == tree.look("src").digest
    assert copy.look("src").count == 3


def test_the_digest_of_known_files_is_known(tmp_path: Path) -> None:
    """Digests are stored in entries and may be shared: changing how they are made has to be meant."""
    tree = Tree(tmp_path)
    tree.write({"a": "", "run": "#!"})
    (tree.root / "run").chmod(0o755)
    (tree.root / "link").symlink_to("a")
    (tree.root / "lost").symlink_to("nowhere")
    os.mkfifo(tree.root / "pipe")
    nothing = hashlib.sha256().digest()
    files = tree.look(".", "gone").files()
    assert files == {
        b"a": b"f" + nothing,
        b"link": b"l" + hashlib.sha256(b"a\0f" + nothing).digest(),
        b"lost": b"l" + hashlib.sha256(b"nowhere\0").digest(),
        b"pipe": b"p" + bytes(32),
        b"run": b"x" + hashlib.sha256(b"#!").digest(),
    }
    whole = b"files 1\n5 1\n" + b"\0".join(files) + b"\0" + b"".join(files.values()) + b"gone"
    assert tree.look(".", "gone").digest == hashlib.sha256(whole).digest()


def test_a_link_counts_by_its_text_and_by_the_file_it_leads_to(tree: Tree) -> None:
    link = tree.root / "src/link"
    link.symlink_to("../outside")
    digests = {tree.look("src").digest}
    (tree.root / "outside").write_text("out")
    digests.add(tree.look("src").digest)
    (tree.root / "outside").write_text("OUT")
    digests.add(tree.look("src").digest)
    link.unlink()
    link.symlink_to("./../outside")
    digests.add(tree.look("src").digest)
    link.unlink()
    (tree.root / "outside").rename(link)
    digests.add(tree.look("src").digest)
    assert len(digests) == 5


def test_links_to_directories_are_not_followed_unless_a_pattern_names_them(tree: Tree) -> None:
    (tree.root / "other").mkdir()
    (tree.root / "other/o").write_text("o")
    (tree.root / "src/link").symlink_to("../other")
    assert tree.names("src") == ["src/a", "src/b", "src/deep/c", "src/link"]
    assert tree.names("src/link") == ["src/link", "src/link/o"]
    assert tree.names("src/link/*") == ["src/link/o"]
    before = tree.look("src").digest
    (tree.root / "other/o").write_text("O")
    assert tree.look("src").digest == before


def test_links_that_lead_round_in_circles_are_links(tree: Tree) -> None:
    (tree.root / "src/self").symlink_to("self")
    (tree.root / "src/up").symlink_to("..")
    assert tree.names("src") == ["src/a", "src/b", "src/deep/c", "src/self", "src/up"]
    assert tree.look("src/self/x").missing == ("src/self/x",)
    assert tree.names("src/self") == ["src/self"]
    assert "src/up/src/up" in tree.names("src/up")


def test_a_workspace_that_is_a_link_has_the_digest_of_what_it_leads_to(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree.root)
    linked = tree.file_set(".")
    linked = type(linked)(root=str(tmp_path / "link"), base=str(tmp_path / "link"), patterns=(".",))
    assert take_fingerprint(linked, None).digest == tree.look(".").digest


@pytest.fixture
def in_workspace(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Work in the workspace: the path of a socket has to be short."""
    monkeypatch.chdir(tree.root)
    return tree


def test_special_files_count_by_their_kind_and_are_not_opened(in_workspace: Tree) -> None:
    tree = in_workspace
    os.mkfifo("src/pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("src/socket")
    Path("src/to-pipe").symlink_to("pipe")
    assert tree.names("src", "src/pipe")[-3:] == ["src/pipe", "src/socket", "src/to-pipe"]
    assert tree.opened("src", "src/pipe") == ["src", "src/a", "src/b", "src/deep", "src/deep/c"]
    before = tree.look("src").digest
    Path("src/socket").replace("src/pipe")
    assert tree.look("src").digest != before


def test_a_named_file_that_became_a_pipe_is_not_opened(tree: Tree) -> None:
    take_fingerprint(tree.file_set("src/a"), tree.table)
    (tree.root / "src/a").unlink()
    os.mkfifo(tree.root / "src/a")
    assert tree.opened("src/a") == []
    assert take_fingerprint(tree.file_set("src/a"), tree.table).digest == tree.look("src/a").digest


def test_a_file_of_many_pieces_is_hashed_whole(tree: Tree) -> None:
    content = os.urandom(1 << 20) * 5
    for name in ("big", "twin"):
        (tree.root / name).write_bytes(content)
    (tree.root / "other").write_bytes(content[:-1] + b"!")
    let_time_pass(tree.root)
    files = take_fingerprint(tree.file_set("*"), tree.table).files()
    assert files[b"big"] == files[b"twin"] == b"f" + hashlib.sha256(content).digest()
    assert files[b"other"] == b"f" + hashlib.sha256(content[:-1] + b"!").digest()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that even root cannot read")
def test_a_file_that_cannot_be_read_is_told_with_the_reason(tree: Tree) -> None:
    with pytest.raises(CacheError, match="cannot read /proc/self/mem: Input/output error"):
        tree.look("src", "/proc/self/mem")
    (tree.root / "src/link").symlink_to("/proc/self/mem")
    with pytest.raises(CacheError, match=r"cannot read .*/src/link: Input/output error"):
        tree.look("src")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told_with_the_reason(tree: Tree) -> None:
    (tree.root / "src/b").chmod(0)
    with pytest.raises(CacheError, match=r"cannot read .*/src/b: Permission denied"):
        tree.look("src")
    (tree.root / "src/deep").chmod(0)
    with pytest.raises(CacheError, match=r"cannot read .*/src/deep: Permission denied"):
        tree.look("src", "!src/b")
    (tree.root / "src/deep").chmod(0o700)


def test_a_file_that_does_not_tell_its_size_is_read_to_its_end(tree: Tree) -> None:
    version = Path("/proc/version")
    if not version.exists():
        pytest.skip("needs /proc")
    assert tree.look("/proc/version").files() == {
        b"/proc/version": b"f" + hashlib.sha256(version.read_bytes()).digest()
    }


def test_a_file_that_is_written_all_the_time_is_told(tree: Tree) -> None:
    path = tree.root / "src/log"
    with path.open("wb") as file:
        file.truncate(64 << 20)
    ended = threading.Event()

    def write() -> None:
        with path.open("r+b", buffering=0) as file:
            while not ended.is_set():
                os.pwrite(file.fileno(), b"x", 0)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(CacheError, match=r"/src/log keeps changing"):
            tree.look("src")
    finally:
        ended.set()
        writer.join()


def test_what_comes_and_goes_meanwhile_is_in_or_out_and_never_an_accident(tree: Tree) -> None:
    """One file moves in and out, another changes between two contents: four digests are true, others are not."""
    _need_fine_times(tree)
    paths = [tree.root / "guest", tree.root / "src/guest"]
    contents = ["one", "eno"]
    paths[0].write_text("guest")
    true: set[bytes] = set()
    for place, other in (paths, paths[::-1]):
        for content in contents:
            (tree.root / "src/a").write_text(content)
            true.add(tree.look("src").digest)
        place.rename(other)
    assert len(true) == 4
    ended = threading.Event()

    def rearrange() -> None:
        turn = 0
        while not ended.is_set():
            paths[turn % 2].rename(paths[1 - turn % 2])
            turn += 1
            (tree.root / "new").write_text(contents[turn // 2 % 2])
            (tree.root / "new").rename(tree.root / "src/a")

    rearranging = threading.Thread(target=rearrange)
    rearranging.start()
    try:
        looks = [_digest_or_none(tree, "src") for _ in range(300)]
    finally:
        ended.set()
        rearranging.join()
    seen = {look for look in looks if look is not None}
    assert seen
    assert seen <= true


@pytest.mark.slow
def test_a_file_that_is_renamed_while_a_long_directory_is_listed_is_seen_once(tree: Tree) -> None:
    _need_fine_times(tree)
    names = [tree.root / "many/x", tree.root / "many/y"]
    tree.write({f"many/{number}": "" for number in range(3000)})
    true: set[bytes] = set()
    names[0].touch()
    for name, other in (names, names[::-1]):
        true.add(tree.look("many").digest)
        name.rename(other)
    ended = threading.Event()

    def rearrange() -> None:
        while not ended.is_set():
            for name, other in (names, names[::-1]):
                name.rename(other)

    rearranging = threading.Thread(target=rearrange)
    rearranging.start()
    try:
        looks = [_digest_or_none(tree, "many") for _ in range(12)]
    finally:
        ended.set()
        rearranging.join()
    assert {look for look in looks if look is not None} <= true


def _need_fine_times(tree: Tree) -> None:
    if not ticks_finely(tree.root):
        pytest.skip("two changes within one tick look like none, and are found out only after the run")


def _digest_or_none(tree: Tree, pattern: str) -> bytes | None:
    try:
        return take_fingerprint(tree.file_set(pattern), tree.table).digest
    except CacheError as error:
        if "keeps changing" not in str(error):
            raise
        return None


def test_a_very_deep_tree_is_walked(tree: Tree) -> None:
    top = tree.root / "deep"
    try:
        deepest = "d/" * 1100
        subprocess.run(["mkdir", "-p", f"{top}/{deepest}"], check=True)
        Path(f"{top}/{deepest}file").write_text("deep")
        assert tree.names("deep") == [f"deep/{deepest}file"]
        assert tree.names("deep/**/file") == [f"deep/{deepest}file"]
    finally:
        subprocess.run(["rm", "-rf", top], check=True)


def test_a_path_that_is_too_long_for_the_system_is_told(tree: Tree) -> None:
    top = tree.root / "deep"
    try:
        subprocess.run([sys.executable, "-c", _DIG, top], check=True)
        with pytest.raises(CacheError, match="File name too long"):
            tree.look("deep")
    finally:
        subprocess.run(["rm", "-rf", top], check=True)


_DIG = """
import os, sys
os.mkdir(sys.argv[1])
os.chdir(sys.argv[1])
for _ in range(50):
    os.mkdir("d" * 100)
    os.chdir("d" * 100)
"""


def test_many_sets_are_looked_at_at_once(tree: Tree) -> None:
    """Also two of one set, with one table."""
    tree.write({f"task{number}/{name}": f"{number}{name}" for number in range(10) for name in "abcdefgh"})
    let_time_pass(tree.root)
    alone = [tree.look(f"task{number}").digest for number in range(10)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            work = [
                pool.submit(
                    take_fingerprint, tree.file_set(f"task{number}"), tree.table.with_name(f"task{number}.inputs")
                )
                for number in range(10)
                for _ in range(3)
            ]
            assert [done.result().digest for done in work] == [digest for digest in alone for _ in range(3)]


def test_changes_are_named(tree: Tree) -> None:
    taken = take_fingerprint(tree.file_set("src", "gone.*"), tree.table)
    assert taken.changed() == ()
    (tree.root / "src/a").write_text("ONE")
    (tree.root / "src/b").unlink()
    (tree.root / "src/deep/c").chmod(0o755)
    tree.write({"src/new/d": "d", "gone.txt": "back"})
    assert taken.changed() == ("gone.txt", "src/a", "src/b", "src/deep/c", "src/new/d")
    assert taken.digest != tree.look("src", "gone.*").digest


def test_a_rewrite_of_the_same_content_is_no_change(tree: Tree) -> None:
    for table in (None, tree.table):
        taken = take_fingerprint(tree.file_set("src"), table)
        (tree.root / "src/a").write_text("one")
        (tree.root / "src/new").write_text("two")
        (tree.root / "src/new").rename(tree.root / "src/b")
        os.utime(tree.root / "src/deep/c", (1, 1))
        assert taken.changed() == ()


def test_a_change_of_one_size_with_its_time_put_back_is_seen(tree: Tree) -> None:
    let_time_pass(tree.root)
    taken = take_fingerprint(tree.file_set("src"), tree.table)
    before = (tree.root / "src/a").stat()
    (tree.root / "src/a").write_text("eno")
    os.utime(tree.root / "src/a", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert taken.changed() == ("src/a",)
    assert take_fingerprint(tree.file_set("src"), tree.table).digest == tree.look("src").digest != taken.digest


def test_at_most_twenty_changes_are_named_and_odd_names_are_readable(tree: Tree) -> None:
    taken = take_fingerprint(tree.file_set("."), tree.table)
    with open(os.fsencode(tree.root) + b"/\xff", "wb"):  # noqa: PTH123 - bytes
        assert taken.changed() == ("\\xff",)
    tree.write({f"new/{number:02}": "" for number in range(30)})
    assert taken.changed() == tuple(f"new/{number:02}" for number in range(20))


def test_a_file_that_cannot_be_looked_at_again_is_told(tree: Tree) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("needs a file that even root cannot read")
    taken = take_fingerprint(tree.file_set("src"), tree.table)
    (tree.root / "src/a").unlink()
    (tree.root / "src/a").symlink_to("/proc/self/mem")
    with pytest.raises(CacheError, match="/src/a: Input/output error"):
        taken.changed()
