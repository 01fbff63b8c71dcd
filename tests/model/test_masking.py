"""Values that look like secrets are not shown."""

import pytest

from tui_runner.model.details import Variable
from tui_runner.model.masking import MOST_SHOWN, looks_secret, shown_variable


@pytest.mark.parametrize(
    "name",
    [
        "GITHUB_TOKEN",
        "STRIPE_KEY",
        "APIKEY",
        "API_KEY2",
        "DB_PASSWORD",
        "PGPASSWORD",
        "MYSQL_PWD",
        "githubToken",
        "JWT_SECRET",
        "HTTP_AUTH",
        "SESSION_COOKIE",
        "aws_secret_access_key",
        "SENTRY_DSN",
        "PRIVATE_PEM",
        "SSH_PASSPHRASE",
        "npm_config__authToken",
    ],
)
def test_a_name_tells_a_secret(name: str) -> None:
    assert looks_secret(name)
    assert shown_variable(name, "hunter2") == Variable(name=name, value="", masked=True)


@pytest.mark.parametrize(
    "name", ["PORT", "DATABASE", "PWD", "AUTHOR", "PASSENGERS", "KEYBOARD", "NODE_ENV", "TOKENIZER"]
)
def test_other_names_do_not(name: str) -> None:
    assert not looks_secret(name)
    assert shown_variable(name, "8000") == Variable(name=name, value="8000")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgres://me:hunter2@db:5432/shop", "postgres://me:***@db:5432/shop"),
        ("redis://:hunter2@db", "redis://:***@db"),
        ("amqp://me:p@ss:w/rd@mq", "amqp://me:***@mq"),
        ("a://b:c@d e://f:g@h", "a://b:***@d e://f:***@h"),
    ],
)
def test_a_password_in_a_url_is_masked(value: str, shown: str) -> None:
    assert shown_variable("BROKER_URL", value) == Variable(name="BROKER_URL", value=shown, masked=True)


def test_an_address_without_a_password_is_shown() -> None:
    assert not shown_variable("API", "http://localhost:8000/path").masked


def test_a_long_value_is_cut() -> None:
    shown = shown_variable("MANIFEST", "x" * (MOST_SHOWN + 1))
    assert shown.value == "x" * MOST_SHOWN + "…"
