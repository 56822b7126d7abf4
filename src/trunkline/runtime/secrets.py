"""Keeps small secrets unreadable at rest: AES-256-GCM under a named key, and keys that rotate.

The key file has one key a line, `<key id> <base64 of 32 bytes>`; the last one seals, all of them
open. It is made with mode 0600 on first start and belongs in the operator's backup: without it the
sealed columns of a restored database cannot be read.

SecretsError
├── KeyFileInvalid    the key file cannot be read, is readable by everyone, or a line is wrong
└── SecretUnreadable  sealed under a key the file does not hold, damaged, or moved to another row
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from trunkline.values.errors import TrunklineError

_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D 8.2: 96-bit nonces
_OWNER_ONLY = 0o600
_OTHERS = 0o007


class SecretsError(TrunklineError):
    """A secret cannot be sealed or opened."""


class KeyFileInvalid(SecretsError):
    """The key file is missing what it must hold, or everyone may read it."""


class SecretUnreadable(SecretsError):
    """No key opens this secret in this place."""


class Keyring:
    """The keys of one installation; seals under the newest, opens under any."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take keys by id, the newest last.

        Raises:
            KeyFileInvalid: there is none, or one is not 32 bytes long.
        """
        if not keys:
            raise KeyFileInvalid("the key file holds no key")
        for key_id, key in keys.items():
            if len(key) != _KEY_BYTES:
                raise KeyFileInvalid(f"key {key_id} has {len(key)} bytes instead of {_KEY_BYTES}")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.current_id = list(keys)[-1]
        self._keys = tuple(keys.values())

    def seal(self, plain: str, context: str) -> str:
        """Encrypt `plain` for one place only, which `context` names (table, row, column)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self.current_id].encrypt(nonce, plain.encode(), context.encode())
        return f"{self.current_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, context: str) -> str:
        """Return what `seal` was given.

        Raises:
            SecretUnreadable: the key is not here, or the text was altered or sealed elsewhere.
        """
        key_id, _, body = sealed.partition(".")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SecretUnreadable(f"{context} is sealed under key {key_id!r}, which is missing")
        try:
            raw = base64.urlsafe_b64decode(body)
            plain = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SecretUnreadable(f"{context} does not open under key {key_id}") from error
        return plain.decode()

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Derive a key for signing from each key, the newest last; of another use than sealing."""
        return tuple(
            hmac.digest(key, f"derived: {purpose}".encode(), "sha256") for key in self._keys
        )

    def is_current(self, sealed: str) -> bool:
        """Tell whether `sealed` is under the newest key; if not it should be sealed again."""
        return sealed.startswith(f"{self.current_id}.")


def open_keyring(path: Path) -> Keyring:
    """Read the key file, making it with one new key when there is none.

    Raises:
        KeyFileInvalid: it cannot be used as it is.
    """
    if not path.exists():
        _create(path)
    return Keyring(_read(path))


def add_key(path: Path) -> Keyring:
    """Append a new key to the file and return the keyring that seals under it.

    Secrets under older keys open as before; seal them again before dropping those keys.
    """
    kept = path.read_text(encoding="ascii") if path.exists() else ""
    draft = _draft(path, kept + _new_line())
    draft.replace(path)
    return Keyring(_read(path))


def _new_line() -> str:
    key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    return f"{secrets.token_hex(4)} {key}\n"


def _draft(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _create(path: Path) -> None:
    draft = _draft(path, _new_line())
    try:
        os.link(draft, path)  # never replaces: of two processes that start at once one wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path) -> dict[str, bytes]:
    try:
        if path.stat().st_mode & _OTHERS:
            raise KeyFileInvalid(f"{path} is open to every user: chmod 600 {path}")
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileInvalid(f"{path} cannot be read: {error}") from error
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        key_id, _, body = line.strip().partition(" ")
        try:
            keys[key_id] = base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise KeyFileInvalid(f"{path} line {number}: the key is not base64") from error
        if "." in key_id or len(keys[key_id]) != _KEY_BYTES:
            raise KeyFileInvalid(f"{path} line {number}: expected <key id> <base64 of 32 bytes>")
    if not keys:
        raise KeyFileInvalid(f"{path} holds no key")
    return keys
