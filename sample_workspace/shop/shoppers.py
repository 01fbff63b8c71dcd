"""People who buy, so that something happens: one order every second or two, now and then an impossible one."""

import random
import signal
import sys
import time

import httpx

from shop import log
from shop.settings import API_URL

CUSTOMERS = ("Ada", "Alan", "Barbara", "Edsger", "Frances", "Grace", "Ken", "Margaret", "Niklaus", "Radia")
IMPOSSIBLE = 99


def buy(api: httpx.Client) -> None:
    """Look at the products, choose one, order it."""
    products = api.get("/products").raise_for_status().json()["products"]
    product = random.choice(products)
    quantity = IMPOSSIBLE if random.random() < 0.04 else random.choice((1, 1, 1, 2, 2, 3, 6))
    customer = random.choice(CUSTOMERS)
    answer = api.post("/orders", json={"product": product["id"], "quantity": quantity, "customer": customer})
    if answer.status_code == httpx.codes.CREATED:
        log.info("bought", customer=customer, quantity=quantity, product=product["name"])
    else:
        log.warn("went home with nothing", customer=customer, because=answer.json()["error"])


def main() -> None:
    """Buy for ever."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    log.info("the shoppers are in town", api=API_URL)
    with httpx.Client(base_url=API_URL, timeout=5, trust_env=False) as api:
        while True:
            try:
                buy(api)
            except httpx.HTTPError as problem:
                log.warn("the shop is closed", because=problem)
            time.sleep(random.uniform(1, 2))


if __name__ == "__main__":
    main()
