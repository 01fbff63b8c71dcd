"""The list of input files: what goes in comes out, and nonsense does no harm."""

from hypothesis import given
from hypothesis import strategies as st

from tui_runner.caching.input_files import InputFiles, decode_input_files

_NAMES = st.binary(min_size=1, max_size=9).filter(lambda name: b"\0" not in name)


@given(st.dictionaries(_NAMES, st.binary(min_size=33, max_size=33), max_size=5))
def test_files_are_given_back_by_name(files: dict[bytes, bytes]) -> None:
    assert decode_input_files(InputFiles.of(files).encode()) == files


def test_columns_that_do_not_fit_each_other_name_no_file() -> None:
    for names, imprints in ((b"a\0b", b"123"), (b"", b"1"), (b"a", b"")):
        assert InputFiles(names=names, imprints=imprints).by_name() == {}


@given(st.binary(max_size=100))
def test_no_bytes_at_all_do_harm(data: bytes) -> None:
    decode_input_files(data)


def test_nonsense_is_no_list() -> None:
    assert decode_input_files(b"") is None
    assert decode_input_files(b"\x92\x01\x02") is None
