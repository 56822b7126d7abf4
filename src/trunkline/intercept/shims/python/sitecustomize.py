"""Leads connections of this Python program to Plivo's hosts to Trunkline; set by `trunkline run`.

Loaded at the start of any Python of the program, so it must run on all of them (3.8 and later),
import little, and break nothing: it changes sockets and trust for names in plivo.com alone. Modules
are changed when they are first imported. A `sitecustomize` that was there before is run as well.
"""

import importlib.machinery
import importlib.util
import os
import sys

_PORT = int(os.environ.get("TRUNKLINE_INTERCEPT_PORT") or 0)
_AUTHORITY = os.environ.get("TRUNKLINE_INTERCEPT_CA") or ""
_MARK = "127.86.0.1"  # stands for Plivo's hosts between look-up and connection
_LOOPBACK = "127.0.0.1"


def _is_plivo(host):
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("latin-1")
    if not isinstance(host, str):
        return False
    name = host.lower()
    if name.endswith("."):
        name = name[:-1]
    return name == "plivo.com" or name.endswith(".plivo.com")


def _change_socket(module):
    look_up, by_name = module.getaddrinfo, module.gethostbyname
    connect, connect_ex = module.socket.connect, module.socket.connect_ex

    def getaddrinfo(host, port, family=0, *args, **kwargs):
        if _is_plivo(host):
            host, family = _MARK, 0  # whatever family was asked for: the mark is of IPv4
        return look_up(host, port, family, *args, **kwargs)

    def gethostbyname(host):
        return _MARK if _is_plivo(host) else by_name(host)

    def _led(address):
        if isinstance(address, tuple) and (address[0] == _MARK or _is_plivo(address[0])):
            return (_LOOPBACK, _PORT)
        return address

    module.getaddrinfo = getaddrinfo
    module.gethostbyname = gethostbyname
    module.socket.connect = lambda self, address: connect(self, _led(address))
    module.socket.connect_ex = lambda self, address: connect_ex(self, _led(address))


def _change_ssl(module):
    context = module.SSLContext
    load_file, load_default = context.load_verify_locations, context.load_default_certs

    def load_verify_locations(self, *args, **kwargs):
        load_file(self, *args, **kwargs)
        load_file(self, _AUTHORITY)

    def load_default_certs(self, *args, **kwargs):
        load_default(self, *args, **kwargs)
        load_file(self, _AUTHORITY)

    context.load_verify_locations = load_verify_locations
    context.load_default_certs = load_default_certs


def _change_uvloop(module):
    """It looks up and connects by itself, in C."""
    look_up, connect = module.Loop.getaddrinfo, module.Loop.create_connection

    async def getaddrinfo(self, host, *args, **kwargs):
        return await look_up(self, _MARK if _is_plivo(host) else host, *args, **kwargs)

    async def create_connection(self, factory, host=None, port=None, **kwargs):
        if host == _MARK or _is_plivo(host):
            if kwargs.get("ssl") and kwargs.get("server_hostname") is None:
                kwargs["server_hostname"] = host
            host, port = _LOOPBACK, _PORT
        return await connect(self, factory, host, port, **kwargs)

    module.Loop.getaddrinfo = getaddrinfo
    module.Loop.create_connection = create_connection


def _change_aiohttp(module):
    """Its other resolver asks name servers by itself."""
    module.DefaultResolver = module.ThreadedResolver


_CHANGES = {
    "socket": _change_socket,
    "ssl": _change_ssl,
    "uvloop": _change_uvloop,
    "aiohttp.resolver": _change_aiohttp,
}


class _Loader:
    """Runs a module as its own loader does, then changes it."""

    def __init__(self, loader, change):
        self._loader = loader
        self._change = change

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        self._change(module)


class _Finder:
    """Finds the few modules that are changed, the way they are always found."""

    def find_spec(self, name, path=None, target=None):
        change = _CHANGES.get(name)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, change)
        return spec


def _lead():
    for name, change in _CHANGES.items():
        if name in sys.modules:
            change(sys.modules[name])
    sys.meta_path.insert(0, _Finder())


def _run_the_next():
    here = os.path.dirname(os.path.abspath(__file__))
    others = [one for one in sys.path if os.path.abspath(one) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if _PORT and _AUTHORITY:
    _lead()
_run_the_next()
