"""One call after a while, which is sure to come.

Textual's `set_timer` forgets its call when the machine holds the process up, for as long as the delay, between the two
looks at the clock its task begins with (`Timer._run` of 8.x takes the only call for one that was missed). With delays
of milliseconds that happens on a busy machine, and whatever waits for the call stands still for ever.
"""

from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable

from textual.widget import Widget


def later(widget: Widget, delay_s: float, callback: Callable[[], object]) -> TimerHandle:
    """Have a widget or a screen call something once, between two of its messages; never while it or the app is leaving.

    Call from the event loop. The handle cancels a call that has not come due.
    """

    def call() -> None:
        if widget.is_attached and widget.app.is_running:
            callback()

    return get_running_loop().call_later(delay_s, widget.call_next, call)
