"""What the commands do that take lines elsewhere: to the editor, the browser, the pager, a file."""

import os
from collections.abc import Iterable
from pathlib import Path
from time import localtime, strftime

from tui_runner.errors.render import printable
from tui_runner.tui.export import export, export_to_page
from tui_runner.tui.opening import editor_command, existing_file, pager_command, web_command
from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from widgets.line_origin import source_of
from widgets.prompt_bar import PromptBar
from widgets.reference import FileReference, Reference, WebReference, references


class OpeningActions(ActingScreen, inherit_bindings=False):
    """Open, save, page."""

    prompt: PromptBar

    def action_open_reference(self) -> None:
        """Open what the line at hand points to; without a line at hand, the latest one on the screen that points anywhere."""
        log = self.to_log()
        lines = log.lines_at_hand()
        for number in lines:
            if found := references(log.text_of(number)):
                self._open_first(found, self._directories(log.store.origin_of(number)))
                return
        if len(lines) == 1:
            by_key = f", or choose it by {key}" if (key := self.key_of("select_lines")) else ""
            self.say(f"this line points to no file or web page: Ctrl-click another{by_key}")
        else:
            self.say("nothing on the screen points to a file with a line, or to a web page")

    def _directories(self, origin: int) -> tuple[str, ...]:
        """Return where relative paths of a line may begin: where its task runs, then the root."""
        shown = self.pane.shown
        view = self.session.tasks.get(shown[min(source_of(origin), len(shown) - 1)]) if shown else None
        root = "" if self.session.run is None else self.session.run.root
        return tuple(directory for directory in ("" if view is None else view.cwd, root) if directory)

    def _open_first(self, found: list[Reference], directories: Iterable[str]) -> None:
        """Open the first place that is there."""
        where = tuple(directories)
        for reference in found:
            match reference:
                case WebReference(url=url):
                    self.open_page(url)
                    return
                case FileReference() if (path := existing_file(reference, where)) is not None:
                    self._edit(path, reference)
                    return
                case _:
                    pass
        first = found[0]
        self.say(f"no such file: {printable(first.path if isinstance(first, FileReference) else '')}", error=True)

    def open_page(self, url: str) -> None:
        """Show a web page outside of the terminal, and say so; where nothing can, its address is copied."""
        command = web_command(os.environ, url)
        if command is None:
            self.app.copy_to_clipboard(url)
            self.say(f"no program opens web pages here; copied {printable(url)}")
            return
        self.say(f"opening {printable(url)}")
        self.run_worker(
            self.host.run_aside(command, f"could not open {printable(url)}"), name="open page", exit_on_error=True
        )

    def _edit(self, path: Path, reference: FileReference) -> None:
        command = editor_command(os.environ, path, reference)
        if command is None:
            self.say("no editor found: set $EDITOR", error=True)
        else:
            self.run_worker(self._lend(command), name="edit", exit_on_error=True)

    def action_export(self) -> None:
        """Ask where to, and save the lines that are shown."""
        name = "-".join(self.pane.shown)[:60].replace(":", "-").replace("/", "-") or "log"
        at = strftime("%Y%m%d-%H%M%S", localtime(self.session.clock()))
        self.to_log()
        self.prompt.ask("save to", self._export, f"{name}-{at}.log")
        self.mark()

    def _export(self, text: str) -> str | None:
        if not text.strip():
            return "a file name is needed"
        path = Path(text.strip()).expanduser().absolute()
        if path.exists():
            return "this file exists already"
        self.run_worker(self._save(path), name="save lines", exit_on_error=True)
        return None

    async def _save(self, path: Path) -> None:
        log = self.pane.log_pane
        try:
            count = await export(log.rows, str(path), log.names, log.stamps, log.since)
        except OSError as error:
            self.say(f"{printable(str(path))} was not written: {error.strerror}", error=True)
        else:
            self.say(f"saved {count:,} line{'' if count == 1 else 's'} to {printable(str(path))}")

    def action_page(self) -> None:
        """Open the lines that are shown in the pager."""
        self.to_log()
        self.run_worker(self._page(), name="page", exit_on_error=True)

    async def _page(self) -> None:
        log = self.pane.log_pane
        try:
            path = await export_to_page(log.rows, log.names, log.stamps, log.since)
        except OSError as error:
            self.say(f"the pager has nothing to read: {error.strerror}", error=True)
            return
        try:
            command = pager_command(os.environ, path)
            if command is None:
                self.say("no pager found: set $PAGER", error=True)
            else:
                await self._lend(command)
        finally:
            _drop(path)

    async def _lend(self, command: tuple[str, ...]) -> None:
        problem = await self.host.lend_terminal(command)
        if problem:
            self.say(problem, error=True)


def _drop(path: str) -> None:
    Path(path).unlink(missing_ok=True)
