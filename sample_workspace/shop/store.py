"""What the API asks of the database. SQL lives here and in the worker, nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from shop.pricing import total_cents
from shop.settings import database

Row = dict[str, Any]


class Store:
    """One connection to the database, opened when it is needed and again after it was lost."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[DictRow] | None = None
        self._turn = asyncio.Lock()

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            psycopg.OperationalError: there is none.
        """
        async with self._transaction() as shop:
            await shop.execute("SELECT 1")

    async def products(self) -> list[Row]:
        """Return all products."""
        async with self._transaction() as shop:
            found = await shop.execute("SELECT id, name, about, price_cents, stock FROM products ORDER BY id")
            return await found.fetchall()

    async def orders(self, limit: int) -> list[Row]:
        """Return the latest orders, newest first."""
        async with self._transaction() as shop:
            found = await shop.execute(
                """
                SELECT orders.id, customer, products.name AS product, quantity, total_cents, status
                FROM orders JOIN products ON products.id = product_id
                ORDER BY orders.id DESC LIMIT %s
                """,
                [limit],
            )
            return await found.fetchall()

    async def place(self, product: int, quantity: int, customer: str) -> Row | None:
        """Place an order and return it, or None when there is no such product.

        Raises:
            ValueError: nobody may order that many.
        """
        async with self._transaction() as shop:
            found = await shop.execute("SELECT name, price_cents FROM products WHERE id = %s", [product])
            wanted = await found.fetchone()
            if wanted is None:
                return None
            total = total_cents(wanted["price_cents"], quantity)
            placed = await shop.execute(
                """
                INSERT INTO orders (product_id, customer, quantity, total_cents) VALUES (%s, %s, %s, %s)
                RETURNING id, customer, quantity, total_cents, status
                """,
                [product, customer, quantity, total],
            )
            order = await placed.fetchone()
            return {"product": wanted["name"], **(order or {})}

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.close()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        async with self._turn:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(
                    database(), autocommit=True, row_factory=dict_row
                )
            async with self._connection.transaction():
                yield self._connection
