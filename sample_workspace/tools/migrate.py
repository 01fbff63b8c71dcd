"""Bring the database up to date: create it when it is missing, then run each migration that has not run yet."""

import time

import psycopg
from psycopg import sql

from shop import log
from shop.settings import WORKSPACE, database


def create_database(name: str) -> None:
    """Create the database unless it exists."""
    with psycopg.connect(database("postgres"), autocommit=True) as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            log.info("created database", name=name)


def migrate() -> int:
    """Run what has not run yet, each file in a transaction of its own; return how many there were."""
    count = 0
    with psycopg.connect(database(), autocommit=True) as shop:
        shop.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, at timestamptz DEFAULT now())"
        )
        done = {name for (name,) in shop.execute("SELECT name FROM schema_migrations")}
        for file in sorted((WORKSPACE / "migrations").glob("*.sql")):
            if file.name in done:
                continue
            begin = time.perf_counter()
            with shop.transaction():
                shop.execute(file.read_bytes())
                shop.execute("INSERT INTO schema_migrations (name) VALUES (%s)", [file.name])
            log.info("applied", file=file.name, ms=round((time.perf_counter() - begin) * 1000))
            count += 1
    return count


def main() -> None:
    """Create, migrate, tell."""
    create_database("shop")
    count = migrate()
    log.info("the database is up to date", applied=count)


if __name__ == "__main__":
    main()
