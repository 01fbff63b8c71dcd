"""Where everything is. Each value can be set by an environment variable, so two checkouts run side by side."""

import os
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parent.parent
DATA = WORKSPACE / os.environ.get("SHOP_DATA", ".data")

HOST = "127.0.0.1"
DB_PORT = int(os.environ.get("SHOP_DB_PORT", "54329"))
API_PORT = int(os.environ.get("SHOP_API_PORT", "8310"))
WEB_PORT = int(os.environ.get("SHOP_WEB_PORT", "8311"))
MAIL_PORT = int(os.environ.get("SHOP_MAIL_PORT", "8312"))
MAIL_WEB_PORT = int(os.environ.get("SHOP_MAIL_WEB_PORT", "8313"))

API_URL = f"http://{HOST}:{API_PORT}"
WEB_URL = f"http://{HOST}:{WEB_PORT}"

# PostgreSQL's own directory: the cluster, and the password that was made up when the cluster was.
POSTGRES = DATA / "pg"
CLUSTER = POSTGRES / "cluster"
PASSWORD_FILE = POSTGRES / "password"

STATIC = DATA / "static"
SEARCH_INDEX = DATA / "search-index.json"


def database(name: str = "shop") -> str:
    """Return the connection string of a database on the shop's server."""
    password = PASSWORD_FILE.read_text().strip()
    return f"host={HOST} port={DB_PORT} user=shop password={password} dbname={name} connect_timeout=3"
