"""A live system that is described by a real `pipeline.py`, which a test may write anew while it runs."""

import asyncio
import os

from live_system import System, Witness
from rig import DEADLINE_S

from tui_runner.loading.loader import load_pipeline
from tui_runner.model.state import Ready
from tui_runner.planning.planner import PlanRequest
from tui_runner.scheduling.course import Until
from tui_runner.supervisor.assembly import RunSettings, assemble
from tui_runner.supervisor.definitions import Definitions

HEAD = """\
from tui_runner import command, pipeline, task, watch

def serve(word="up", **more):
    return command(f"echo {word}; exec sleep 1000", ready_when=word, **more)

"""


class DescribedSystem(System):
    """A system that is described by a real file."""

    def write(self, body: str) -> None:
        """Write the definitions, with a few helpers before them."""
        (self.directory / "pipeline.py").write_text(HEAD + body)

    async def start(self, *targets: str) -> None:
        """Load the file, and wait until every task is up."""
        file = self.directory / "pipeline.py"
        definitions, plan = Definitions.planned(
            file,
            load_pipeline(file),
            PlanRequest(mode="dev", root=str(self.directory), targets=targets or None),
        )
        settings = RunSettings(environment=dict(os.environ), until=Until.TOLD)
        self.supervisor = assemble(plan, settings, definitions)
        self.witness = Witness()
        self.supervisor.add_listener(self.witness)
        self.running = asyncio.get_running_loop().create_task(self.supervisor.run())
        await asyncio.sleep(0)
        await self.settle()

    async def settle(self) -> None:
        """Wait until every task of the plan is up."""
        async with asyncio.timeout(DEADLINE_S):
            for task in self.supervisor.plan.tasks:
                await self.supervisor.wait_settled(task, "start")

    async def reload(self) -> None:
        """Load the file again and go over to it, until every task is up."""
        async with asyncio.timeout(DEADLINE_S):
            replacing = self.supervisor.replacing
            assert await replacing.go_over(await replacing.reloaded())
        await self.settle()

    def pid(self, task: str) -> int:
        state = self.supervisor.view(task).state
        assert isinstance(state, Ready), state
        return state.pid
