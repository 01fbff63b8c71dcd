"""Where a probe connects to: host and port as data, and how views show them. Pure."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

import msgspec

from tui_runner.model.probe import Http, LeafProbe, Probe, Tcp, leaves_of

LOOPBACK_ADDRESSES: Final = ("127.0.0.1", "::1")
"""What `localhost` means, in the order they are tried. Not looked up: some servers listen on one of them only."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A host (name or address, without brackets) and a port."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """It is on this machine: `localhost`, a name below it, 127.0.0.0/8 or ::1. The wildcard addresses count too."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        import ipaddress  # noqa: PLC0415 - most are called localhost

        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return address.is_loopback or address.is_unspecified

    @property
    def addresses(self) -> tuple[str, ...]:
        """Numeric addresses to connect to, or the name itself when it has to be looked up."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return LOOPBACK_ADDRESSES
        return (self.host,)


def endpoint_of(probe: Probe) -> Endpoint | None:
    """Return where a tcp or http probe connects to; None for other probes and for URLs that cannot be used."""
    match probe:
        case Tcp(host=host, port=port):
            return Endpoint(host=host.strip("[]").lower(), port=port)
        case Http(url=url):
            try:
                return endpoint_of_url(split_url(url))
            except ValueError:
                return None
        case _:
            return None


def split_url(url: str) -> SplitResult:
    """Return the parts of an http or https URL.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"`{url}` is not a URL such as http://localhost:8000/health")
    parts.port  # noqa: B018 - reading it checks it
    return parts


def endpoint_of_url(parts: SplitResult) -> Endpoint:
    """Return host and port of a URL from `split_url`."""
    return Endpoint(host=(parts.hostname or "").lower(), port=parts.port or _DEFAULT_PORTS[parts.scheme])


def address_of(probe: Probe) -> str:
    """Return where people reach what is probed, such as `http://localhost:8000` or `localhost:5432`; else empty.

    Of a combination the first URL counts, else the first port. User names and passwords in URLs are left out.
    """
    found = [(isinstance(leaf, Http), _address_of(leaf)) for leaf in leaves_of(probe)]
    shown = [(is_url, address) for is_url, address in found if address]
    return next((address for is_url, address in shown if is_url), shown[0][1] if shown else "")


def _address_of(probe: LeafProbe) -> str:
    endpoint = endpoint_of(probe)
    if endpoint is None:
        return ""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    if not isinstance(probe, Http):
        return f"{host}:{endpoint.port}"
    parts = split_url(probe.url)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port is not None else "")
