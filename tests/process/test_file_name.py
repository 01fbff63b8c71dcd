from hypothesis import given
from hypothesis import strategies as st

from tui_runner.process.file_name import file_name_for, task_id_of


@given(st.text(max_size=14))  # 14 characters of 4 bytes, each written as 3, are not too long yet
def test_a_name_leads_back_to_its_task(task_id: str) -> None:
    assert task_id_of(file_name_for(task_id)) == task_id


@given(st.text(max_size=400), st.text(max_size=400))
def test_two_tasks_never_share_a_file_even_where_case_is_ignored(one: str, other: str) -> None:
    assert (file_name_for(one).lower() == file_name_for(other).lower()) == (one == other)


@given(st.text(max_size=400))
def test_names_are_safe_on_every_file_system(task_id: str) -> None:
    name = file_name_for(task_id)
    assert 0 < len(name) <= 180
    assert "/" not in name
    assert not name.startswith((".", "-"))
    assert name.isascii()
    assert name == name.lower()


def test_ordinary_names_stay_readable() -> None:
    assert file_name_for("outer:web-server.1") == "outer%3aweb-server.1"


def test_long_names_keep_their_beginning_and_cannot_be_turned_back() -> None:
    name = file_name_for("x" * 500)
    assert name.startswith("xxxx")
    assert task_id_of(name) is None


def test_names_of_other_programs_are_no_task() -> None:
    assert task_id_of("Hello.log") is None
    assert task_id_of("%zz") is None
