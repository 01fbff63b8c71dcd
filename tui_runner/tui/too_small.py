"""What is shown instead of everything while the terminal is too small."""

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

LEAST_WIDTH, LEAST_HEIGHT = 40, 10


def is_too_small(size: Size) -> bool:
    """Tell whether nothing useful fits."""
    return size.width < LEAST_WIDTH or size.height < LEAST_HEIGHT


class TooSmall(Static):
    """Says how large the terminal has to be. All keys go on working."""

    DEFAULT_CSS = """
    TooSmall { width: 1fr; height: 1fr; content-align: center middle; text-align: center; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.display = False

    def measure(self, size: Size, quit_key: str) -> None:
        """Appear or go away, as the size of the terminal demands; tell which key quits."""
        self.display = is_too_small(size)
        if self.display:
            text = f"{size.width}x{size.height} is too small\n{LEAST_WIDTH}x{LEAST_HEIGHT} at least\n{quit_key} quits"
            self.update(Content(text), layout=False)
