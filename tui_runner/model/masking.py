"""What of an environment variable may be shown. Pure.

Names decide, and so does the form of a value: nobody has to declare that a token is a secret.
"""

import re
from typing import Final

from tui_runner.model.details import Variable

MOST_SHOWN: Final = 1000
"""Characters of a value that are shown."""
_SECRET_WORDS: Final = (
    *("TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PWD"),
    *("CREDENTIAL", "CREDENTIALS", "AUTH", "COOKIE", "PRIVATE", "SALT", "DSN"),
)
_DIRECTORIES: Final = frozenset({"PWD", "OLDPWD"})
_WORD: Final = re.compile(r"[A-Z]+")
_PASSWORD_IN_URL: Final = re.compile(r"(://[^/\s:@]*:)\S+(@)")
_HIDDEN: Final = r"\1***\2"


def looks_secret(name: str) -> bool:
    """Tell whether a variable of this name has a value that nobody should see, such as `STRIPE_KEY` or `githubToken`."""
    upper = name.upper()
    if upper in _DIRECTORIES:
        return False
    return any(word.endswith(secret) for word in _WORD.findall(upper) for secret in _SECRET_WORDS)


def shown_variable(name: str, value: str) -> Variable:
    """Return a variable as it may be shown."""
    if looks_secret(name):
        return Variable(name=name, value="", masked=True)
    shown = _PASSWORD_IN_URL.sub(_HIDDEN, value[: MOST_SHOWN * 4])
    masked = shown != value[: MOST_SHOWN * 4]
    return Variable(name=name, value=shown[:MOST_SHOWN] + ("…" if len(value) > MOST_SHOWN else ""), masked=masked)
