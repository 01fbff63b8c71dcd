"""Meaning of a colour: what a tone says, not how it looks. Themes decide the colours."""

from enum import StrEnum


class Tone(StrEnum):
    """What a colour stands for; also the suffix of component classes such as `dag-tree--ready`."""

    PENDING = "pending"
    """Nothing has happened yet."""
    ACTIVE = "active"
    """Something is on its way up."""
    READY = "ready"
    DONE = "done"
    FAILED = "failed"
    LEAVING = "leaving"
    """Something is on its way down."""
    GONE = "gone"
    """Ended or never ran, and that is fine."""


CONTENT_STYLES: dict[Tone, str] = {
    Tone.PENDING: "$text-muted",
    Tone.ACTIVE: "$text-warning",
    Tone.READY: "$text-success",
    Tone.DONE: "$text-success",
    Tone.FAILED: "bold $text-error",
    Tone.LEAVING: "$text-accent",
    Tone.GONE: "$text-muted",
}
"""Style of each tone in `textual.content.Content`; names theme variables. Never written to."""
