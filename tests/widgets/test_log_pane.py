"""How a person moves in a log while it grows."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pane_app import PaneApp, numbered
from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.geometry import Region
from textual.pilot import Pilot

from tui_runner.model.output import Stream
from widgets.line_filter import TextFilter
from widgets.line_origin import origin_of
from widgets.line_store import LineStore
from widgets.query import Query

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]


@pytest.fixture
def shown() -> Shown:
    """Return the rows of the pane without its scrollbar."""

    def rows(app: App[Any]) -> list[str]:
        strips = app.screen._compositor.render_strips()
        return [strip.crop(0, strip.cell_length - 1).text.rstrip() for strip in strips]

    return rows


def query(text: str) -> Query:
    parsed = Query.parse(text)
    assert isinstance(parsed, Query)
    return parsed


async def test_the_newest_line_stays_in_view_until_one_scrolls_up(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[11] == "line 99")
        await pilot.press("pageup")
        await wait(pilot, lambda: not app.pane.follow)
        top = shown(app)[0]
        app.feed(numbered(100, 200))
        await wait(pilot, lambda: app.pane.new_lines == 100 and "100 new" in shown(app)[11])
        assert shown(app)[0] == top
        await pilot.press("end")
        await wait(pilot, lambda: shown(app)[11] == "line 199")
        assert app.pane.new_lines == 0
        await pilot.pause()
        assert app.told == [False, True]


async def test_scrolling_down_to_the_end_follows_again(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await pilot.press("k", "k", "up")
        await wait(pilot, lambda: shown(app)[11] == "line 96")
        await pilot.press("j", "j")
        assert not app.pane.follow
        await pilot.press("down")
        assert app.pane.follow
        await pilot.press("g")
        await wait(pilot, lambda: shown(app)[0] == "line 0")
        await pilot.press("G")
        await wait(pilot, lambda: shown(app)[11] == "line 99")


async def test_the_wheel_and_the_scrollbar_leave_following(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[11] == "line 99")
        await pilot._post_mouse_events([events.MouseScrollUp], app.pane, offset=(5, 5))
        await wait(pilot, lambda: shown(app)[0] == "line 85")
        await wait(pilot, app.synced)
        app.pane.scroll_to(y=20, animate=False)
        await wait(pilot, lambda: shown(app)[0] == "line 20")
        await wait(pilot, app.synced)
        app.pane.scroll_to(y=1000, animate=False)
        await wait(pilot, lambda: app.pane.follow)


async def test_dropping_old_lines_does_not_move_what_is_read(wait: Wait, shown: Shown) -> None:
    app = PaneApp(max_bytes=1 << 20)
    async with app.run_test(size=(60, 12)) as pilot:
        line = b"%07d " + b"x" * 40 + b"\n"
        app.feed(b"".join(line % number for number in range(30000)))
        await wait(pilot, lambda: shown(app)[11].startswith("0029999"))
        await wait(pilot, app.synced)
        app.pane.scroll_to(y=len(app.store) - 3000, animate=False)
        await wait(pilot, lambda: shown(app)[0].startswith("0027000"))
        first = app.store.first
        app.feed(b"".join(line % number for number in range(30000, 40000)))
        await wait(pilot, lambda: app.pane.new_lines == 10000)
        await pilot.pause()
        assert app.store.first > first
        assert shown(app)[0].startswith("0027000")


async def test_each_log_is_found_again_where_it_was_left(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    other = LineStore()
    other.feed(numbered(0, 50, "other"), 1.0)
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[11] == "line 99")
        await wait(pilot, app.synced)
        app.pane.scroll_to(y=30, animate=False)
        await wait(pilot, lambda: shown(app)[0] == "line 30")
        app.pane.show(other, "other")
        await wait(pilot, lambda: shown(app)[11] == "other 49")
        assert app.pane.follow
        assert app.pane.title == "other"
        app.pane.show(app.store, "api")
        await wait(pilot, lambda: shown(app)[0] == "line 30")
        assert not app.pane.follow


async def test_an_unfinished_line_is_shown_as_it_grows(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(b"a\r\n\x1b[32mok\x1b[0m\n 10%\r 55%")
        await wait(pilot, lambda: shown(app)[:3] == ["a", "ok", " 55%"])
        app.feed(b"\r100%\ndone\n")
        await wait(pilot, lambda: shown(app)[:4] == ["a", "ok", "100%", "done"])


async def test_a_filter_shows_matching_lines_and_takes_in_new_ones(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(b"".join(b"%s %d\n" % (b"ERROR boom" if n % 10 == 0 else b"info", n) for n in range(5000)))
        app.pane.set_filters(TextFilter(query=query("error")))
        await wait(pilot, lambda: app.pane.filter_count == 500 and shown(app)[11] == "ERROR boom 4990")
        app.feed(b"info new\nERROR boom new\ninfo newer\n")
        await wait(pilot, lambda: shown(app)[11] == "ERROR boom new")
        assert app.pane.filter_count == 501
        app.pane.set_filters()
        await wait(pilot, lambda: shown(app)[11] == "info newer")
        assert app.pane.filter_count is None


async def test_a_flood_past_a_filter_loses_no_match(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.set_filters(TextFilter(query=query("7 of")))
        for start in range(0, 60000, 1500):
            app.feed("".join(f"{number} of all\n" for number in range(start, start + 1500)).encode())
        await wait(pilot, lambda: app.pane.filter_count == 6000 and shown(app)[11] == "59997 of all")


async def test_a_filter_keeps_the_line_one_reads_near(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 1000))
        await wait(pilot, lambda: shown(app)[11] == "line 999")
        await wait(pilot, app.synced)
        app.pane.scroll_to(y=500, animate=False)
        await wait(pilot, lambda: shown(app)[0] == "line 500")
        app.pane.set_filters(TextFilter(query=query("/5$")))
        await wait(pilot, lambda: app.pane.filter_count == 100 and shown(app)[0] == "line 505")
        app.pane.set_filters()
        await wait(pilot, lambda: shown(app)[0] == "line 500")


async def test_a_search_goes_to_the_newest_match_and_around(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(b"needle one\n" + numbered(0, 300) + b"needle two\n" + numbered(300, 600))
        await wait(pilot, lambda: shown(app)[11] == "line 599")
        app.pane.set_search(query("needle"))
        await wait(pilot, lambda: "needle two" in shown(app))
        assert (app.pane.match_position, app.pane.match_count) == (2, 2)
        assert not app.pane.follow
        app.pane.search_previous()
        await wait(pilot, lambda: shown(app)[0] == "needle one")
        app.pane.search_previous()
        await wait(pilot, lambda: "needle two" in shown(app))
        app.pane.search_next()
        await wait(pilot, lambda: shown(app)[0] == "needle one")
        assert app.pane.match_position == 1
        app.pane.set_search(None)
        assert app.pane.match_count is None


async def test_a_search_that_finds_nothing_moves_nothing(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        app.pane.set_search(query("absent"))
        await wait(pilot, lambda: not app.pane.scanning and shown(app)[11] == "line 99")
        app.pane.search_next()
        app.pane.search_previous()
        assert app.pane.follow
        assert app.pane.match_count == 0


async def test_a_search_steps_only_over_lines_the_filter_shows(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100) + b"keep needle\n" + numbered(0, 100) + b"needle alone\nkeep\n")
        app.pane.set_filters(TextFilter(query=query("keep")))
        app.pane.set_search(query("needle"))
        await wait(pilot, lambda: app.pane.match_position == 1)
        assert shown(app)[0] == "keep needle"


async def test_a_search_counts_the_matches_that_the_filters_show(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        for number in range(20):
            app.feed(b"needle %d %s\n" % (number, b"even" if number % 2 == 0 else b"odd") + numbered(0, 50))
        app.pane.set_search(query("needle"))
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (20, 20))
        app.pane.search_previous()
        app.pane.search_previous()
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (18, 20))
        # The one at hand stays, as the ninth of those that are shown.
        app.pane.set_filters(TextFilter(query=query("odd")))
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (9, 10))
        assert "needle 17 odd" in shown(app)
        app.pane.search_next()
        assert (app.pane.match_position, app.pane.match_count) == (10, 10)
        app.feed(b"needle 20 even\nneedle 21 odd\n")
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (10, 11))
        app.pane.set_filters(TextFilter(query=query("odd"), exclude=True))
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (None, 11))
        app.pane.search_previous()
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (10, 11))
        assert "needle 18 even" in shown(app)
        app.pane.set_filters()
        await wait(pilot, lambda: (app.pane.match_position, app.pane.match_count) == (19, 22))


async def test_wrapped_lines_scroll_row_by_row(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 20) + b"w" * 150 + b"END\n")
        app.pane.wrap = True
        await wait(pilot, lambda: shown(app)[11].endswith("END"))
        rows = shown(app)
        await pilot.press("up")
        await wait(pilot, lambda: shown(app)[1:11] == rows[0:10])
        await pilot.press("down")
        await wait(pilot, lambda: shown(app) == rows)
        assert app.pane.follow
        await pilot.press("g")
        await wait(pilot, lambda: shown(app)[0] == "line 0")
        await pilot.resize_terminal(40, 10)
        await pilot.press("G")
        await wait(pilot, lambda: shown(app)[9].endswith("END"))


async def test_long_lines_scroll_sideways_and_back(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(b"0123456789" * 8 + b"\n" + "日本語".encode() * 20 + b"\nshort\n")
        await wait(pilot, lambda: shown(app)[2] == "short")
        await pilot.press("right")
        await wait(pilot, lambda: shown(app)[0].startswith("89012"))
        await pilot.press("left", "left")
        await wait(pilot, lambda: shown(app)[0].startswith("01234"))


@pytest.mark.parametrize("wrap", [False, True])
async def test_names_of_wide_or_combining_characters_take_the_cells_they_need(
    wait: Wait, shown: Shown, *, wrap: bool
) -> None:
    app = PaneApp()
    names = ("数据库", "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}", "we\N{ZERO WIDTH SPACE}b")
    async with app.run_test(size=(40, 10)) as pilot:
        store = LineStore()
        for number in range(len(names)):
            store.feed(b"0123456789" * 4 + b"\n", 1.0, origin_of(Stream.STDOUT, number))
        app.pane.wrap = wrap
        app.pane.show(store, "all", names)
        await wait(pilot, lambda: len(shown(app)[0]) > 9)
        text = "0123456789" * 4
        rows = [row for row in shown(app) if not row.startswith(" ") and row]
        assert [row.replace("\N{COMBINING ACUTE ACCENT}", "") for row in rows] == [
            f"数据库 {text[:32]}",
            f"ete    {text[:32]}",
            f"web    {text[:32]}",
        ]
        assert {cell_len(row) for row in rows} == {39}


async def test_selected_text_is_copied_and_stays_selected_while_lines_come(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed("".join(f"line {number} \x1b[31m日本\x1b[0m tail\n" for number in range(50)).encode())
        await wait(pilot, lambda: shown(app)[11].startswith("line 49"))
        await pilot.mouse_down(app.pane, offset=(5, 2))
        await pilot.hover(app.pane, offset=(9, 4))
        await pilot.mouse_up(app.pane, offset=(9, 4))
        await pilot.pause()
        selected = app.screen.get_selected_text()
        assert selected is not None
        lines = selected.split("\n")
        assert lines[:2] == ["40 日本 tail", "line 41 日本 tail"]
        assert lines[2].startswith("line 42")
        app.feed(numbered(0, 30))
        await wait(pilot, lambda: shown(app)[11] == "line 29")
        assert app.screen.get_selected_text() == selected


async def test_selection_in_a_wrapped_line_counts_characters(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(("日" * 40 + "abcdef\n").encode())
        app.pane.wrap = True
        await wait(pilot, lambda: shown(app)[1].endswith("abcdef"))
        column = shown(app)[1].index("abc") * 2
        await pilot.mouse_down(app.pane, offset=(column, 1))
        await pilot.hover(app.pane, offset=(column + 2, 1))
        await pilot.mouse_up(app.pane, offset=(column + 2, 1))
        await pilot.pause()
        assert (app.screen.get_selected_text() or "").startswith("abc")


async def test_only_web_links_are_opened_by_a_click(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        link = "\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\\n"
        app.feed((link.format("https://example.org/a", "web") + link.format("file:///etc/passwd", "file")).encode())
        await wait(pilot, lambda: shown(app)[1] == "file")
        await pilot.click(app.pane, offset=(1, 0))
        await pilot.click(app.pane, offset=(1, 1))
        await pilot.pause()
        assert app.opened == ["https://example.org/a"]


async def test_nothing_a_child_prints_reaches_the_terminal_raw(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(
            b"\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m \x1bPq\x1b\\\x9b\x00 \xe2\x80\xaeend\n[bold]no markup[/]\n"
        )
        await wait(pilot, lambda: shown(app)[1] == "[bold]no markup[/]")
        assert shown(app)[0].startswith("red ")
        assert all(character.isprintable() for row in shown(app) for character in row)


@pytest.mark.parametrize("wrap", [False, True])
async def test_a_pane_that_is_being_closed_is_painted_without_a_screen(wait: Wait, shown: Shown, *, wrap: bool) -> None:
    """The compositor goes on with the map it has until the next layout; a search may go on as well."""
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[11] == "line 99")
        await pilot.press("g")
        app.pane.wrap = wrap
        app.pane.set_search(query("line 5"))
        await app.pane.remove()
        app.feed(numbered(100, 200))
        app.pane._frame()
        strips = app.pane.render_lines(Region(0, 0, 60, 12))
        assert [strip.text.strip() for strip in strips] == [""] * 12
        assert app.pane.render_line(3).text.strip() == ""


async def test_the_badge_of_new_lines_takes_one_to_the_end(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 100))
        await pilot.press("g")
        app.feed(numbered(100, 105))
        await wait(pilot, lambda: "5 new" in shown(app)[11])
        await pilot.click(app.pane, offset=(55, 11))
        await wait(pilot, lambda: shown(app)[11] == "line 104")


async def test_a_border_costs_time_and_nothing_else(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.styles.border = ("round", "red")
        app.feed(numbered(0, 100))
        await wait(pilot, lambda: shown(app)[10].startswith("│line 99"))


async def test_a_filter_without_hits_stays_when_another_log_is_shown(wait: Wait, shown: Shown) -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 12)) as pilot:
        app.feed(numbered(0, 3))
        app.pane.set_filters(TextFilter(query=query("nothing")))
        await wait(pilot, lambda: app.pane.filter_count == 0)
        other = LineStore()
        other.feed(b"nothing here\nbut this\n", 1.0)
        app.pane.show(other, "web")
        await wait(pilot, lambda: shown(app)[:2] == ["nothing here", ""])
        app.pane.set_filters()
        await wait(pilot, lambda: shown(app)[:2] == ["nothing here", "but this"])
