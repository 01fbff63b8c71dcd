"""Run ids: they sort by time and are unique."""

import secrets
from datetime import UTC, datetime


def new_run_id(now_s: float) -> str:
    """Return an id such as `20261121T224003.123Z-3fa9c1` for a run that begins at this time (seconds since the epoch)."""
    at = datetime.fromtimestamp(now_s, tz=UTC)
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}Z-{secrets.token_hex(3)}"
