"""What a task uses of the machine, in a few cells: CPU, memory, and the CPU of the last looks as a sparkline. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

CPU_CELLS = 4
MEMORY_CELLS = 4
COLUMN_CELLS = CPU_CELLS + 1 + MEMORY_CELLS
"""CPU and memory side by side."""
_UNICODE_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.:-=+*#"
_LEAST_TOP = 25.0
"""Per cent that the highest bar stands for at least: what does next to nothing draws a flat line."""


class Load(NamedTuple):
    """What all processes of a task use."""

    cpu_percent: float
    """Of one core: two busy cores are 200."""
    memory: int
    """Bytes."""
    history: Sequence[float] = ()
    """CPU at the last looks, the newest last."""


def columns(load: Load) -> str:
    """Return CPU and memory, right-aligned in `COLUMN_CELLS`; wider only from 1,000 % on."""
    return f"{f'{load.cpu_percent:.0f}%':>{CPU_CELLS}} {short_size(load.memory):>{MEMORY_CELLS}}"


def short_size(size: int) -> str:
    """Return an amount of bytes in four cells: `812k`, `3.4M`, `412M`, `1.2G`."""
    if size < 1000:
        return str(size)
    amount = float(size)
    for unit in "kMG":
        amount /= 1000
        if amount < 999.5:
            return f"{amount:.1f}{unit}" if amount < 9.95 else f"{amount:.0f}{unit}"
    return f"{amount / 1000:.1f}T"


def sparkline(history: Sequence[float], cells: int, ascii: bool = False) -> str:  # noqa: A002 - the name says it best
    """Return the latest values as bars, one a cell, the newest right; nothing, or nothing known, is blank."""
    bars = _ASCII_BARS if ascii else _UNICODE_BARS
    shown = history[-cells:]
    top = max(_LEAST_TOP, *shown) if shown else _LEAST_TOP
    drawn = "".join(bars[min(len(bars) - 1, int(value / top * len(bars)))] if value else " " for value in shown)
    return drawn.rjust(cells)
