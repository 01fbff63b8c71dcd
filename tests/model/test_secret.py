"""Marking texts as secret."""

import pytest

from tui_runner import secret


def test_a_secret_is_a_text_that_does_not_show_itself() -> None:
    token = secret("hunter2")
    assert token == "hunter2"
    assert str(token) == "hunter2"
    assert "hunter2" not in repr({"TOKEN": token})


def test_a_secret_can_come_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_KEY", "sk_test_1234")
    assert secret(env="STRIPE_KEY") == "sk_test_1234"


def test_a_variable_that_is_not_set_is_told_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_KEY", raising=False)
    with pytest.raises(
        ValueError, match=r'STRIPE_KEY is not set: set it, or write secret\(env="STRIPE_KEY", default=""\)'
    ):
        secret(env="STRIPE_KEY")
    assert secret(env="STRIPE_KEY", default="") == ""


def test_a_value_too_short_to_be_hidden_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 characters"):
        secret("abc")


def test_it_takes_a_value_or_a_variable() -> None:
    with pytest.raises(ValueError, match="either a value or"):
        secret()
    with pytest.raises(ValueError, match="either a value or"):
        secret("hunter2", env="TOKEN")
