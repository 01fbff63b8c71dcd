"""The shop's front door: serves the page, and passes `/api/…` on to the API."""

import signal
import sys
import urllib.error
import urllib.request
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from shop import log
from shop.settings import API_URL, HOST, STATIC, WEB_PORT, WEB_URL

BIGGEST_ORDER = 64 * 1024
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the API is next door, whatever proxy is set


class FrontDoor(SimpleHTTPRequestHandler):
    """Static files, and a door to the API."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file, or with what the API says."""
        if self.path.startswith("/api/"):
            self._pass_on(None)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Pass an order on to the API."""
        length = self.headers.get("Content-Length", "")
        if self.path.startswith("/api/") and length.isdecimal() and int(length) <= BIGGEST_ORDER:
            self._pass_on(self.rfile.read(int(length)))
            return
        self.close_connection = True  # what was sent along is not read
        self.send_error(400)

    def log_message(self, template: str, *args: object) -> None:
        """Stay quiet about what went well: the API logs each request of its own."""

    def log_error(self, template: str, *args: object) -> None:
        """Tell what could not be served."""
        log.warn(template % args, path=self.path)

    def end_headers(self) -> None:
        """Have the browser ask again each time: the assets change while somebody works on them."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def _pass_on(self, body: bytes | None) -> None:
        request = urllib.request.Request(API_URL + self.path.removeprefix("/api"), data=body)
        request.add_header("Content-Type", "application/json")
        try:
            with DIRECTLY.open(request, timeout=5) as answer:
                self._answer(answer.status, answer.read())
        except urllib.error.HTTPError as problem:
            self._answer(problem.code, problem.read())
        except OSError as problem:
            log.warn("the API does not answer", path=self.path, because=problem)
            self._answer(502, b'{"error": "the API does not answer"}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until told to stop."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ThreadingHTTPServer((HOST, WEB_PORT), partial(FrontDoor, directory=STATIC)) as server:
        log.info("the shop is open", url=WEB_URL)
        server.serve_forever()


if __name__ == "__main__":
    main()
