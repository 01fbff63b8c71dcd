"""Widgets that paint finished rows of the screen."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from widgets.row_strip import RowStrip


class PaintsRows(Widget):
    """Goes around the box model of style sheets, which costs much more for each row. It is taken only with a border.

    Beside another widget it is never the first base: Textual takes style sheets from that.
    """

    def finished_rows(self, start: int, end: int) -> list[Strip]:
        """Return the rows from `start` up to `end` of what is seen; those below the last one may be left out.

        Each is exactly as wide as the content. Filters, such as the one for no colours, come later.
        """
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows for the screen (called by Textual)."""
        if self.styles.gutter.totals != (0, 0):
            return super().render_lines(crop)
        strips = self.finished_rows(crop.y, crop.bottom)
        width = self.scrollable_content_region.width
        if len(strips) < crop.height:
            strips += [RowStrip.blank(width, self.rich_style)] * (crop.height - len(strips))
        filters = self.get_line_filters()
        if filters:
            background = self.background_colors[1]
            for line_filter in filters:
                strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.x or crop.right < width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return one row (called by Textual, also to find what is under the mouse)."""
        rows = self.finished_rows(y, y + 1)
        return rows[0] if rows else RowStrip.blank(self.scrollable_content_region.width, self.rich_style)
