"""What programs of ours leave out of the standard library is there as soon as somebody wants it."""

import subprocess
import sys


def _told(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_asyncio_comes_without_tls() -> None:
    program = """
import sys
from tui_runner.process.lean_imports import import_lean
import_lean("asyncio")
import asyncio
asyncio.run(asyncio.sleep(0))
print("ssl" in sys.modules, "_ssl" in sys.modules)
"""
    assert _told(program) == "False False"


def test_a_user_who_imports_ssl_gets_the_real_module_and_tls_connections_work() -> None:
    program = """
from tui_runner.process.lean_imports import import_lean
import_lean("asyncio")
import asyncio, ssl

async def main():
    async def greet(reader, writer):
        writer.close()
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        await asyncio.open_connection("127.0.0.1", port, ssl=ssl.create_default_context())
    except (ssl.SSLError, ConnectionError) as error:
        print("refused by TLS")
    server.close()
    try:
        await asyncio.open_connection("127.0.0.1", port, ssl="nonsense")
    except (TypeError, OSError) as error:
        print(type(error).__name__)

asyncio.run(main())
print(ssl.SSLContext.__module__, asyncio.sslproto.SSLProtocol.__name__)
"""
    lines = _told(program).splitlines()
    assert lines[0] == "refused by TLS"
    assert lines[-1] == "ssl SSLProtocol"


def test_source_code_can_be_looked_at_and_urls_parsed() -> None:
    program = """
from tui_runner.process.lean_imports import import_lean
for name in ("pathlib", "inspect", "subprocess", "uuid"):
    import_lean(name)
import inspect, json, linecache, platform, subprocess, sys, uuid
print(platform.system() == platform.uname().system, len(str(uuid.uuid1())))
from urllib.parse import urlsplit
print(inspect.getsource(json.loads).startswith("def loads"))
print(linecache.getline(json.__file__, 1) != "")
print(urlsplit("http://[::1]:80/").hostname)
print(subprocess.run([sys.executable, "-c", "print('ä')"], capture_output=True, text=True, encoding="locale").returncode)
"""
    assert _told(program).split() == ["True", "36", "True", "True", "::1", "0"]


def test_modules_that_are_there_already_stay_as_they_are() -> None:
    program = """
import asyncio, ssl, sys
before = dict(sys.modules)
from tui_runner.process.lean_imports import import_lean
import_lean("asyncio")
print(all(sys.modules[name] is module for name, module in before.items()))
"""
    assert _told(program) == "True"


def test_msgspec_comes_without_typing_extensions_and_does_all_it_does() -> None:
    program = """
import sys
from tui_runner.process.lean_imports import import_lean
import_lean("msgspec")
import msgspec
from typing import Annotated, NotRequired, TypedDict
print("typing_extensions" in sys.modules)

class Part(msgspec.Struct):
    size: Annotated[int, msgspec.Meta(gt=1)]

class Whole(TypedDict):
    part: Part
    name: NotRequired[str]

print(msgspec.json.decode(b'{"part": {"size": 2}}', type=Whole)["part"].size)
try:
    msgspec.json.decode(b'{"part": {"size": 1}}', type=Whole)
except msgspec.ValidationError as error:
    print(error)
print(msgspec.inspect.type_info(Part).cls.__name__, msgspec.json.schema(Part)["$ref"])
import typing_extensions
print(typing_extensions.NotRequired is NotRequired)
"""
    assert _told(program).splitlines() == [
        "False",
        "2",
        "Expected `int` >= 2 - at `$.part.size`",
        "Part #/$defs/Part",
        "True",
    ]
