"""The shop's API: products, orders, and whether the database is there."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from json import JSONDecodeError

import psycopg
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop import log
from shop.search import find
from shop.settings import API_PORT, API_URL, HOST, SEARCH_INDEX
from shop.store import Store


class AccessLog:
    """Writes one line per request, except for health checks that went well."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and time it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begin = time.perf_counter()
        status = 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, note_status)
        finally:
            if scope["path"] != "/health" or status >= 400:
                tell = log.info if status < 400 else log.warn if status < 500 else log.error
                query = scope["query_string"].decode("latin-1")
                path = scope["path"] + (f"?{query}" if query else "")
                tell(scope["method"], path=path, status=status, ms=f"{(time.perf_counter() - begin) * 1000:.1f}")


async def health(request: Request) -> JSONResponse:
    """Answer whether orders could be taken right now."""
    await request.app.state.store.ping()
    return JSONResponse({"status": "ok"})


async def products(request: Request) -> JSONResponse:
    """Answer with all products, or with those that match `?q=`, once the search index is there."""
    found = await request.app.state.store.products()
    query = request.query_params.get("q", "")
    if query and SEARCH_INDEX.exists():
        matching = find(json.loads(SEARCH_INDEX.read_bytes()), query)
        found = [product for product in found if product["id"] in matching]
    return JSONResponse({"products": found})


async def orders(request: Request) -> JSONResponse:
    """Answer with the latest orders."""
    return JSONResponse({"orders": await request.app.state.store.orders(limit=20)})


async def place_order(request: Request) -> JSONResponse:
    """Take an order: `{"product": 1, "quantity": 2, "customer": "Ada"}`."""
    try:
        wanted = await request.json()
        product, quantity, customer = int(wanted["product"]), int(wanted["quantity"]), str(wanted["customer"])
        order = await request.app.state.store.place(product, quantity, customer[:80])
    except JSONDecodeError:
        return JSONResponse({"error": "the order must be JSON"}, status_code=400)
    except (ValueError, KeyError, TypeError) as problem:
        return JSONResponse({"error": str(problem)}, status_code=422)
    if order is None:
        return JSONResponse({"error": f"there is no product {product}"}, status_code=404)
    log.info("order placed", order=order["id"], product=order["product"], quantity=quantity, customer=customer[:80])
    return JSONResponse({"order": order}, status_code=201)


async def database_is_away(_request: Request, problem: Exception) -> JSONResponse:
    """Answer 503 while the database cannot be asked."""
    log.error("the database does not answer", because=problem)
    return JSONResponse({"error": "the database does not answer"}, status_code=503)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Hold the store while the server runs."""
    app.state.store = Store()
    log.info("the API is open", url=API_URL)
    yield
    await app.state.store.close()
    log.info("the API is closed")


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/products", products),
        Route("/orders", orders, methods=["GET"]),
        Route("/orders", place_order, methods=["POST"]),
    ],
    middleware=[Middleware(AccessLog)],
    exception_handlers={psycopg.OperationalError: database_is_away},
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, host=HOST, port=API_PORT, log_level="warning", access_log=False, timeout_graceful_shutdown=2)
