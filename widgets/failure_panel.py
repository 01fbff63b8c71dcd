"""Shows why a task failed."""

from textual.widgets import Static

from widgets.failure_report import FailureReport


class FailurePanel(Static):
    """Shows a `FailureReport`; as high as it needs to be."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", markup=False, id=id, classes=classes)

    def show(self, report: FailureReport) -> None:
        """Show this report."""
        raise NotImplementedError
