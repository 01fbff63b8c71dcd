"""The size of a terminal. Data only."""

import msgspec


class WindowSize(msgspec.Struct, frozen=True, kw_only=True):
    """Size of a terminal, in character cells."""

    rows: int = 24
    columns: int = 80
