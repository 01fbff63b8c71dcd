"""The picture in the README: the sample shop while it is open. Kept as a snapshot, so that it cannot become untrue."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui_runner.control.protocol import Usage
from tui_runner.model.state import Completed, Ready, Running
from tui_runner.model.usage import TaskUsage

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
Picture = Callable[["Stage"], Awaitable[None]]

GOODS = ("Tea pot", "Green tea", "Tray", "Honey", "Oat biscuits", "Tea strainer")
PEOPLE = ("Ada", "Alan", "Grace", "Edsger", "Barbara")


def api_log() -> bytes:
    """Orders as the sample's API prints them."""
    lines = ["23:36:02.101 \x1b[32mINFO\x1b[0m  the API is open url=\x1b[36mhttp://127.0.0.1:8310\x1b[0m"]
    for number in range(1, 30):
        at = f"23:36:{2 + number:02d}"
        product, person = GOODS[number % len(GOODS)], PEOPLE[number % len(PEOPLE)]
        lines.append(f"{at}.{118 + number} \x1b[32mINFO\x1b[0m  GET path=/products status=200 ms={1 + number % 7 / 10}")
        if number % 9 == 4:
            lines.append(f"{at}.{221 + number} \x1b[33mWARN\x1b[0m  POST path=/orders status=422 ms=4.8")
        else:
            order = f'order placed order={40 + number} product="{product}" customer={person}'
            lines.append(f"{at}.{221 + number} \x1b[32mINFO\x1b[0m  {order}")
    return "\n".join(lines).encode() + b"\n"


def worker_log() -> bytes:
    """What the sample's worker prints."""
    lines = ["23:36:02.843 \x1b[32mINFO\x1b[0m  the worker waits for orders"]
    for number in range(1, 16):
        total = f"{number * 3.8 + 4.2:.2f} €"
        packed = f'packed order={40 + number} what="1 x {GOODS[number % len(GOODS)]}" total="{total}"'
        lines.append(f"23:36:{4 + number:02d}.{754 - number} \x1b[32mINFO\x1b[0m  {packed}")
    return "\n".join(lines).encode() + b"\n"


def open_shop(peer: "Peer") -> None:
    """The sample shop, with one task that is still on its way."""
    ready = {"target": True, "started_at": NOW - 30, "ready_at": NOW - 29.6}
    peer.add(
        "worker", Ready(attempt=1, pid=16), "migrate", "api", description="Packs one order after the other", **ready
    )
    peer.add("migrate", Completed(exit_code=0), "db", started_at=NOW - 33, finished_at=NOW - 32.4)
    peer.add("db", Ready(attempt=1, pid=11), started_at=NOW - 34, ready_at=NOW - 33.1)
    peer.add(
        "api",
        Ready(attempt=2, pid=14),
        "migrate",
        address="http://127.0.0.1:8310",
        started_at=NOW - 31,
        ready_at=NOW - 30.3,
        restarts=1,
        description="Products and orders as JSON; starts again when its sources change",
    )
    peer.add("shoppers", Ready(attempt=1, pid=17), "api", **ready)
    peer.add("web", Ready(attempt=1, pid=18), "assets", "api", address="http://127.0.0.1:8311", **ready)
    peer.add("assets", Completed(exit_code=0), started_at=NOW - 34, finished_at=NOW - 33.8)
    peer.add("try-search", None, "search-index", target=True, waiting_for=("search-index",))
    peer.add("search-index", Running(attempt=1, pid=15), "migrate", started_at=NOW - 6, ready_when="its log line")
    peer.write("api", api_log())
    peer.write("worker", worker_log())


def use_the_machine(peer: "Peer") -> None:
    """What the shop's processes use, over the last seconds."""
    idle = {"db": 71, "worker": 40, "shoppers": 34, "web": 22}
    for api_percent, index_percent in ((1.0, 0.0), (6.0, 40.0), (2.0, 92.0), (9.0, 71.0), (3.0, 84.0)):
        busy = (
            TaskUsage(task="api", cpu_percent=api_percent, rss=46_000_000, processes=2),
            TaskUsage(task="search-index", cpu_percent=index_percent, rss=38_000_000, processes=1),
        )
        calm = (TaskUsage(task=task, rss=size * 1_000_000, processes=1) for task, size in idle.items())
        peer.send(Usage(tasks=(*busy, *calm)))


async def select(on_stage: "Stage", task: str) -> None:
    on_stage.main.body.tree_view.move_to(task)
    await on_stage.until(lambda: on_stage.main.body.task_id == task)


async def test_the_shop_is_open(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    open_shop(peer)
    async with stage(size=(132, 34)) as on_stage:
        await select(on_stage, "worker")
        await on_stage.press("v")
        await select(on_stage, "api")
        use_the_machine(peer)
        await on_stage.shows("84%  38M")
        await on_stage.until(lambda: not on_stage.app.session.logs.behind)
        await picture(on_stage)
