"""Overwriting within a line gives the same whether text comes in one piece or character by character."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.overwrite import Motion, Overwrite, Run
from widgets.sgr import PLAIN, apply_sgr

TEXTS = st.text(st.sampled_from("ab \t\N{COMBINING ACUTE ACCENT}é界\N{REPLACEMENT CHARACTER}🔎"), max_size=6)
RUNS = st.builds(Run, TEXTS, st.sampled_from([PLAIN, apply_sgr(PLAIN, "31"), apply_sgr(PLAIN, "1")]), st.just(""))
PARTS = st.lists(RUNS | st.sampled_from(Motion), max_size=12)


def one_by_one(parts: list[Run | Motion]) -> list[Run | Motion]:
    """Return the same with a run for each character."""
    single: list[Run | Motion] = []
    for part in parts:
        if isinstance(part, Motion):
            single.append(part)
        else:
            single += [Run(character, part.sgr, part.link) for character in part.text]
    return single


@given(PARTS)
def test_pieces_make_no_difference(parts: list[Run | Motion]) -> None:
    assert Overwrite().replay(parts) == Overwrite().replay(one_by_one(parts))


def test_half_a_wide_character_goes_with_its_other_half() -> None:
    shown = Overwrite().replay([Run("界界ab", PLAIN, ""), Motion.RETURN, Run("x", PLAIN, "")])
    assert "".join(run.text for run in shown) == "x 界ab"
    shown = Overwrite().replay([Run("a界b", PLAIN, ""), Motion.RETURN, Run("xy", PLAIN, "")])
    assert "".join(run.text for run in shown) == "xy b"


@given(PARTS)
def test_erasing_to_the_left_leaves_blanks_up_to_the_cursor_whatever_was_there(parts: list[Run | Motion]) -> None:
    shown = Overwrite().replay([*parts, Motion.ERASE_LEFT, Motion.ERASE_LEFT, Run("|", PLAIN, "")])
    text = "".join(run.text for run in shown)
    assert not text[: text.index("|")].strip(" ")


@given(st.text("ab界", min_size=1, max_size=8), st.integers(0, 17))
def test_erasing_to_the_left_leaves_blanks_up_to_the_cursor_and_what_was_right_of_it(text: str, back: int) -> None:
    shown = Overwrite().replay([Run(text, PLAIN, ""), *[Motion.BACK] * back, Motion.ERASE_LEFT])
    cells = [half for character in text for half in ([character] if character.isascii() else [character, ""])]
    past = max(0, len(cells) - back) + 1
    # A wide character of which one half is erased is gone.
    past += past < len(cells) and not cells[past]
    assert "".join(run.text for run in shown) == " " * min(past, len(cells)) + "".join(cells[past:])
