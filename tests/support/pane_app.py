"""A log pane and its store, alone in an app."""

from textual.app import App, ComposeResult

from widgets.line_store import LineStore
from widgets.log_pane import LogPane


class PaneApp(App[None]):
    CSS = "LogPane { width: 100%; height: 100%; }"

    def __init__(self, max_bytes: int = 256 << 20) -> None:
        super().__init__()
        self.store = LineStore(max_bytes)
        self.pane = LogPane()
        self.told: list[bool] = []
        self.opened: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.show(self.store, "api")
        self.pane.focus()

    def on_log_pane_follow_changed(self, message: LogPane.FollowChanged) -> None:
        self.told.append(message.follow)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        del new_tab
        self.opened.append(url)

    def synced(self) -> bool:
        """The scrollbar knows of every line."""
        return self.pane.virtual_size.height == len(self.pane.store)

    def feed(self, data: bytes) -> None:
        self.store.feed(data, 1.0)
        self.pane.touched()


def numbered(start: int, end: int, word: str = "line") -> bytes:
    return "".join(f"{word} {number}\n" for number in range(start, end)).encode()
