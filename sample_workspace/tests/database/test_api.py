"""The API on the real database that the pipeline brings up for mode `test`."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row
from starlette.testclient import TestClient

from shop import worker
from shop.api import app
from shop.settings import database


@pytest.fixture
def api() -> Iterator[TestClient]:
    """The API, in this process."""
    with TestClient(app) as client:
        yield client


def test_the_database_is_there(api: TestClient) -> None:
    """Health means the database answered."""
    assert api.get("/health").json() == {"status": "ok"}


def test_an_order_is_taken_and_packed(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is pending first, and packed once the worker had it."""
    monkeypatch.setattr(worker, "TAKES_S", 0)
    placed = api.post("/orders", json={"product": 1, "quantity": 5, "customer": "Ada"})
    assert placed.status_code == 201
    order = placed.json()["order"]
    assert (order["status"], order["total_cents"]) == ("pending", 17550)

    with psycopg.connect(database(), autocommit=True, row_factory=dict_row) as shop:
        while worker.pack_next(shop):
            pass
    latest = api.get("/orders").json()["orders"]
    assert next(o["status"] for o in latest if o["id"] == order["id"]) == "packed"


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"product": 1, "quantity": 99, "customer": "Ada"}, 422),
        ({"product": 1}, 422),
        ({"product": 999, "quantity": 1, "customer": "Ada"}, 404),
    ],
)
def test_impossible_orders_are_refused(api: TestClient, order: dict[str, object], status: int) -> None:
    """With a reason."""
    answer = api.post("/orders", json=order)
    assert answer.status_code == status
    assert answer.json()["error"]
