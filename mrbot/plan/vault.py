"""Encryption at rest of what may hold secrets, and keyed digests of secret values.

One server key; two keys are derived from it (HKDF-SHA256, RFC 5869), so that neither use can
weaken the other. Sealing is AES-256-GCM with a key of its own for every message, derived from a
random salt: no number of messages repeats a nonce. What is sealed is bound to its `context`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mrbot.errors import BadSettings, StoreFailure
from mrbot.secret import Secret

KEY_BYTES = 32
KEY_TEXT_LIMIT = 1024
"""Bytes of a key file that are read at most."""
MIN_KEY_CHARACTERS = 32
"""Fewer could be guessed."""

_MAGIC = b"mrbot-seal-1\n"
_SALT_BYTES = 32
_NONCE = bytes(12)
"""Fixed, since no key seals two messages."""


class SealBroken(StoreFailure):
    """What was sealed was changed, or sealed with another key or for another context."""


class Vault:
    """Seals, opens and digests with keys derived from one server key."""

    __slots__ = ("_digest_key", "_seal_key")

    def __init__(self, key: Secret) -> None:
        """Raises: BadSettings when the key is too short to be a key."""
        if len(key.reveal()) < MIN_KEY_CHARACTERS:
            raise BadSettings(
                f"the server key has fewer than {MIN_KEY_CHARACTERS} characters: make one with "
                "`openssl rand -base64 32`"
            )
        material = key.reveal().encode()
        self._seal_key = _derive(material, b"mrbot seal 1")
        self._digest_key = _derive(material, b"mrbot keyed digest 1")

    @staticmethod
    def from_file(path: Path) -> Vault:
        """The vault of the key in `path`; the file is made, for its owner only, when absent.

        Raises: BadSettings when the file cannot be made, read or trusted.
        """
        try:
            if not path.exists():
                _create(path)
            return Vault(_read(path))
        except OSError as error:
            raise BadSettings(f"the key file {path} cannot be used: {error.strerror}") from error

    def seal(self, plain: bytes, context: str) -> bytes:
        """`plain`, readable only by `open` with the same key and `context`."""
        salt = secrets.token_bytes(_SALT_BYTES)
        cipher = AESGCM(_derive(self._seal_key, b"mrbot message 1", salt))
        return _MAGIC + salt + cipher.encrypt(_NONCE, plain, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for `context`.

        Raises: SealBroken when a byte, the key or the context is another one.
        """
        header = len(_MAGIC) + _SALT_BYTES
        if not sealed.startswith(_MAGIC) or len(sealed) < header:
            raise SealBroken(f"what is stored for {context} was not sealed by mrbot")
        cipher = AESGCM(_derive(self._seal_key, b"mrbot message 1", sealed[len(_MAGIC) : header]))
        try:
            return cipher.decrypt(_NONCE, sealed[header:], context.encode())
        except InvalidTag as error:
            raise SealBroken(
                f"what is stored for {context} was changed, or sealed with another server key"
            ) from error

    def keyed_digest(self, text: str) -> str:
        """64 hexadecimal digits: equal for equal texts, and no help in guessing without the key."""
        return hmac.new(self._digest_key, text.encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return "Vault(***)"

    def __reduce__(self) -> str:
        raise TypeError("a Vault is never pickled")


def _derive(material: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(material)


def _create(path: Path) -> None:
    """A new key appears whole or not at all; one that another process made first is kept."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        _sync(path.parent)
    finally:
        draft.unlink()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Secret:
    """The group may read it, since orchestrators mount secrets so; nobody else may at all."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise BadSettings(f"the key file {path} is not a file")
        if mode & 0o027:
            raise BadSettings(
                f"the key file {path} is open to others (mode {stat.S_IMODE(mode):04o}): "
                f"chmod 600 {path}"
            )
        data = file.read(KEY_TEXT_LIMIT + 1)
    if len(data) > KEY_TEXT_LIMIT:
        raise BadSettings(f"the key file {path} is larger than {KEY_TEXT_LIMIT} bytes: not a key")
    try:
        return Secret(data.decode("ascii").strip())
    except UnicodeDecodeError as error:
        raise BadSettings(f"the key file {path} is not text: not a key") from error
