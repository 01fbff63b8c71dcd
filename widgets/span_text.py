"""Spans of time in words, short enough for a row of the tree. Pure."""

_STEPS = ((10.0, 1.0), (60.0, 5.0), (3600.0, 60.0))
"""Below how many seconds a growing span is shown in steps of how many: an idle screen must not repaint every second."""
_HOUR_S = 3600.0


def span_text(seconds: float) -> str:
    """Return a finished span: `0.3 s`, `12 s`, `3 min 5 s`, `2 h 3 min`."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def growing_text(seconds: float, *, least_step_s: float = 0.0) -> tuple[str, float]:
    """Return a span that still grows, and in how many seconds its text will change: not before `least_step_s`."""
    seconds = max(0.0, seconds)
    step = max(least_step_s, next((step for limit, step in _STEPS if seconds < limit), _HOUR_S))
    count, rest = divmod(seconds, step)
    shown = count * step
    text = (
        f"{shown:.0f} s" if shown < 60 else f"{shown / 60:.0f} min" if shown < _HOUR_S else f"{shown / _HOUR_S:.0f} h"
    )
    return text, step - rest
