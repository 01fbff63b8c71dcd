"""Packs orders: takes the oldest one, brings it to the post office, and keeps the shelves filled."""

import os
import random
import signal
import smtplib
import sys
import time
from email.message import EmailMessage

import psycopg
from psycopg.rows import DictRow, dict_row

from shop import log
from shop.pricing import euros
from shop.settings import HOST, MAIL_PORT, database

LOOKS_EVERY_S = 0.5
SHELF_IS_LOW = 10
DELIVERY = 40
TAKES_S = float(os.environ.get("SHOP_PACKING_TAKES", "0.6"))


def pack_next(shop: psycopg.Connection[DictRow]) -> DictRow | None:
    """Pack the oldest pending order and return it, or None when all are packed.

    The order stays locked until its parcel is ready. A worker that dies on the way leaves it pending for the next one.
    """
    with shop.transaction():
        order = shop.execute(
            """
            SELECT orders.id, product_id, customer, quantity, total_cents, products.name AS product, stock
            FROM orders JOIN products ON products.id = product_id
            WHERE status = 'pending' ORDER BY orders.id LIMIT 1 FOR UPDATE OF orders SKIP LOCKED
            """
        ).fetchone()
        if order is None:
            return None
        time.sleep(random.uniform(0.5, 1.5) * TAKES_S)
        if order["stock"] - order["quantity"] < SHELF_IS_LOW:
            log.warn("the shelf is nearly empty, ordered more", product=order["product"], left=order["stock"])
            shop.execute("UPDATE products SET stock = stock + %s WHERE id = %s", [DELIVERY, order["product_id"]])
        shop.execute("UPDATE products SET stock = stock - %s WHERE id = %s", [order["quantity"], order["product_id"]])
        shop.execute("UPDATE orders SET status = 'packed', packed_at = now() WHERE id = %s", [order["id"]])
        return order


def send_mail(order: DictRow) -> None:
    """Tell the customer, where there is somebody to catch the mail."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "shop@example.org", "customer@example.org"
    mail["Subject"] = f"Order {order['id']} is on its way"
    mail.set_content(f"{order['quantity']} x {order['product']}, {euros(order['total_cents'])}. Thank you!")
    try:
        with smtplib.SMTP(HOST, MAIL_PORT, timeout=2) as post:
            post.send_message(mail)
    except ConnectionRefusedError:
        pass  # nobody catches mail here
    except OSError as problem:
        log.warn("the mail was not sent", order=order["id"], because=problem)


def work(shop: psycopg.Connection[DictRow]) -> None:
    """Pack orders for ever."""
    while True:
        order = pack_next(shop)
        if order is None:
            time.sleep(LOOKS_EVERY_S)
            continue
        log.info(
            "packed",
            order=order["id"],
            what=f"{order['quantity']} x {order['product']}",
            total=euros(order["total_cents"]),
        )
        send_mail(order)


def main() -> None:
    """Work until told to stop; wait for the database whenever it is away."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            with psycopg.connect(database(), autocommit=True, row_factory=dict_row) as shop:
                log.info("the worker waits for orders")
                work(shop)
        except psycopg.OperationalError as problem:
            log.warn("the database is away, trying again", because=problem)
            time.sleep(1)


if __name__ == "__main__":
    main()
