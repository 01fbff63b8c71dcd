"""A small shop and everything it needs, brought up by `tui-runner dev` and taken down in the right order.

    assets ──────────────┐
    db ─ migrate ─ api ──┴─ web        worker and shoppers keep it busy
                └─ search-index ─ try-search
    mail                               a container; skipped where no container engine runs

Modes: `dev` runs the shop, `build` makes dist/shop.zip, `test` checks the code and brings up a database for it.
"""

import sys

from tui_runner import Command, cache, command, compose, http, log_line, pipeline, restart, task, watch

from shop.settings import API_URL, DATA, DB_PORT, HOST, MAIL_WEB_PORT, WEB_URL

# The interpreter that runs this file has the shop's packages; `-u` shows what is printed at once, also through a pipe.
PYTHON = [sys.executable, "-u"]

# Mode `test` has a database of its own, so it never touches the orders of a shop that is open at the same time.
TEST_ENV = {"SHOP_DATA": str(DATA / "test"), "SHOP_DB_PORT": str(DB_PORT + 1)}

again_when_it_crashes = restart("on-failure")


def module(name: str, *arguments: str) -> list[str]:
    """Return the command line that runs a module of this workspace."""
    return [*PYTHON, "-m", name, *arguments]


# ---------------------------------------------------------------- the database


def postgres(env: dict[str, str] | None = None) -> Command:
    """Return the server: up when it says so, down when everything is on disk, which the teardown checks."""
    return command(
        module("tools.postgres"),
        ready_when=log_line("database system is ready to accept connections"),
        ready_timeout="60s",  # the first start makes the cluster
        stop_signal="SIGINT",  # PostgreSQL's "fast shutdown": sends clients away, writes everything to disk
        teardown=module("tools.check_clean"),
        restart=again_when_it_crashes,
        env=env,
    )


db = task(
    "db",
    commands={"dev": postgres(), "test": postgres(TEST_ENV)},
    description=f"PostgreSQL on {HOST}:{DB_PORT}, data in {DATA.name}/pg",
)

migrate = task(
    "migrate",
    commands={
        "dev": command(module("tools.migrate"), watch=watch("migrations")),
        "test": command(module("tools.migrate"), env=TEST_ENV),
    },
    depends_on=[db],
    description="Creates the database and runs the migrations it has not seen",
)

# ---------------------------------------------------------------- mail: a container, where there can be one

mail = task(
    "mail",
    allow_skip=True,  # the shop does without
    commands={
        "dev": compose(
            "compose.yaml", "mailpit", ready_when=http(f"http://{HOST}:{MAIL_WEB_PORT}/readyz"), stop_timeout=2
        )
    },
    description=f"Catches the shop's mail: open http://{HOST}:{MAIL_WEB_PORT}",
)

# ---------------------------------------------------------------- the shop

api = task(
    "api",
    commands={
        "dev": command(
            module("shop.api"),
            ready_when=http(f"{API_URL}/health"),
            ready_timeout="20s",  # no restart policy: a crash of the API is something to look at
            watch=watch(["shop/api.py", "shop/store.py", "shop/pricing.py", "shop/search.py"]),
        ),
        "build": command(module("compileall", "-q", "shop", "tools"), cache=cache(inputs=["shop/*.py", "tools/*.py"])),
    },
    depends_on=[migrate],
    description="Products and orders as JSON; starts again when its sources change",
)

worker = task(
    "worker",
    commands={
        "dev": command(
            module("shop.worker"),
            ready_when="waits for orders",
            restart=again_when_it_crashes,
            watch=watch(["shop/worker.py", "shop/pricing.py"]),
        )
    },
    depends_on=[migrate, api],
    description="Packs one order after the other",
)

shoppers = task(
    "shoppers",
    commands={"dev": command(module("shop.shoppers"), ready_when="are in town")},
    depends_on=[api],
    description="Order something every second or two",
)

# ---------------------------------------------------------------- the page

assets = task(
    "assets",
    commands={
        "dev": command(module("tools.assets"), watch=watch("web/src")),
        "build": command(
            module("tools.assets", "--out", "dist/static"),
            cache=cache(inputs=["web/src", "tools/assets.py"], outputs="dist/static"),
        ),
    },
    description="Minifies web/src; once more on every change",
)

web = task(
    "web",
    commands={
        "dev": command(
            module("shop.web"), ready_when=http(WEB_URL), restart=again_when_it_crashes, watch=watch("shop/web.py")
        )
    },
    depends_on=[assets, api],
    description=f"The page: open {WEB_URL}",
)

# ---------------------------------------------------------------- search: slow to come up, and nobody waits for it

search_index = task(
    "search-index",
    commands={"dev": command(module("shop.search"), ready_when="the search index is ready")},
    depends_on=[migrate],
    description="Reads the whole catalogue (8 s), then keeps the index fresh",
)

try_search = task(
    "try-search",
    commands={"dev": module("tools.try_search")},
    depends_on=[search_index, api],
    description="Asks a few questions once the index is there",
)

# ---------------------------------------------------------------- build and test

build = task(
    "build",
    commands={
        "build": command(
            module("tools.package"),
            cache=cache(
                inputs=["shop/*.py", "tools/*.py", "migrations/*.sql", assets.artifact("build")],
                outputs="dist/shop.zip",
            ),
        )
    },
    depends_on=[assets, api],
    description="Puts the shop into dist/shop.zip",
)

test = task(
    "test",
    commands={
        "build": command(
            module("pytest", "-q", "tests/unit"), cache=cache(inputs=["shop/*.py", "tests/unit", "pytest.ini"])
        ),
        "test": command(module("pytest", "-q"), depends_on=[migrate], env=TEST_ENV),
    },
    description="Checks the code; in mode `test` also the API on a real database",
)

main = pipeline(
    [db, migrate, mail, api, worker, shoppers, assets, web, search_index, try_search, build, test], name="shop"
)
