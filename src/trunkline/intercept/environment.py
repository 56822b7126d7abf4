"""The variables that lead a program here, whatever its language; nothing else is changed.

Python and Node load a shim, the JVM is told by system properties, all others (Go, Ruby, PHP, .NET,
curl) take proxy and authorities from their usual variables. What was set before stays in force for
all hosts but Plivo's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trunkline.intercept.authority import Authority
from trunkline.intercept.bundles import JVM_PASSWORD, combined, jvm_store, system_bundle
from trunkline.intercept.hosts import DOMAIN
from trunkline.intercept.outward import Outward

_SHIMS: Final = Path(__file__).with_name("shims")
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_BUNDLES: Final = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_PROXIES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Led:
    """Where a program is led: a port of loopback, and a private folder for files it reads."""

    port: int
    authority: Authority
    folder: Path

    @property
    def proxy(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, before: Mapping[str, str]) -> dict[str, str]:
        """Return the program's whole environment; writes the files that it names.

        Raises:
            OSError: a bundle of authorities that `before` names cannot be read.
        """
        ours = self._write("authority.pem", self.authority.pem)
        changed = {
            "TRUNKLINE_INTERCEPT_PORT": str(self.port),
            "TRUNKLINE_INTERCEPT_CA": ours,
            "PYTHONPATH": _joined(":", str(_SHIMS / "python"), before.get("PYTHONPATH")),
            "NODE_OPTIONS": _joined(" ", before.get("NODE_OPTIONS"), _node_option()),
            "NODE_EXTRA_CA_CERTS": self._with_ours("NODE_EXTRA_CA_CERTS", before, ours),
            "PHP_INI_SCAN_DIR": f"{before.get('PHP_INI_SCAN_DIR', '')}:{self._php()}",
            "JAVA_TOOL_OPTIONS": _joined(" ", before.get("JAVA_TOOL_OPTIONS"), self._jvm()),
            **self._bundles(before),
            **self._proxies(before),
        }
        return {**before, **changed}

    def _write(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def _with_ours(self, variable: str, before: Mapping[str, str], ours: str) -> str:
        known = before.get(variable)
        if not known:
            return ours
        return self._write(f"{variable.lower()}.pem", combined(Path(known), self.authority))

    def _bundles(self, before: Mapping[str, str]) -> dict[str, str]:
        whole = self._write("authorities.pem", combined(system_bundle(), self.authority))
        return {name: self._with_ours(name, before, whole) for name in _BUNDLES}

    def _php(self) -> str:
        bundle = self.folder / "authorities.pem"
        lines = f"curl.cainfo={bundle}\nopenssl.cafile={bundle}\n"
        folder = self.folder / "php"
        folder.mkdir(exist_ok=True)
        (folder / "trunkline.ini").write_text(lines, encoding="utf-8")
        return str(folder)

    def _jvm(self) -> str:
        store = self._write("jvm.p12", jvm_store(combined(system_bundle(), self.authority)))
        options = {
            "https.proxyHost": "127.0.0.1",
            "https.proxyPort": self.port,
            "http.proxyHost": "127.0.0.1",
            "http.proxyPort": self.port,
            "javax.net.ssl.trustStore": store,
            "javax.net.ssl.trustStoreType": "PKCS12",
            "javax.net.ssl.trustStorePassword": JVM_PASSWORD,
        }
        return " ".join(f"-D{name}={value}" for name, value in options.items())

    def _proxies(self, before: Mapping[str, str]) -> dict[str, str]:
        direct = ",".join(dict.fromkeys((*_direct(before), *_LOCAL)))
        found = {"NO_PROXY": direct, **dict.fromkeys(_PROXIES, self.proxy)}
        return found | {name.lower(): value for name, value in found.items()}


def outward(before: Mapping[str, str]) -> Outward:
    """Tell how other hosts are reached, from the variables that a program had before."""
    https, http, whole = (before.get(name) or before.get(name.lower(), "") for name in _PROXIES)
    direct = tuple(one.strip("*.").lower() for one in _direct(before))
    return Outward(https or whole, (*direct, *_LOCAL), http or whole)


def _direct(before: Mapping[str, str]) -> list[str]:
    """List hosts that were not to be asked of a proxy, but for any that could be Plivo's."""
    words = (before.get("NO_PROXY") or before.get("no_proxy") or "").split(",")
    named = (word.strip() for word in words)
    return [one for one in named if one and one != "*" and not _covers_plivo(one)]


def _covers_plivo(pattern: str) -> bool:
    name = pattern.lower().partition(":")[0].lstrip("*.")
    return name == DOMAIN or name.endswith("." + DOMAIN) or DOMAIN.endswith("." + name)


def _node_option() -> str:
    return f'--require "{_SHIMS / "node" / "lead.cjs"}"'


def _joined(by: str, *parts: str | None) -> str:
    return by.join(part for part in parts if part)
