"""Says what the figures were measured on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil
import textual


def describe() -> list[str]:
    """Return what matters about this machine, one fact a line."""
    memory = psutil.virtual_memory().total / (1 << 30)
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"Machine: {os.cpu_count()} cores, {_cpu()}, {memory:.0f} GiB",
        f"System: {platform.system()} {platform.release()}",
        f"Versions: Python {platform.python_version()}, Textual {textual.__version__}",
        f"Load before: {load}",
    ]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown CPU")
