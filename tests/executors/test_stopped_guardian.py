"""A guardian that was stopped by SIGSTOP answers nothing: leaving must end all the same."""

import os
import signal
from pathlib import Path

from workshop import Workshop


async def test_leaving_a_stopped_guardian_ends_it_and_what_it_guarded(workshop: Workshop) -> None:
    workshop.spawn("service", "exec sleep 1000")
    await workshop.until(lambda: workshop.executor.pids().get("service") is not None)
    service = workshop.executor.pids()["service"]
    os.kill(await workshop.executor.ready(), signal.SIGSTOP)

    await workshop.executor.bye(patience_s=0.2)

    await workshop.until(lambda: not Path(f"/proc/{service}").exists())
