from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from mrbot.errors import BadSettings, StoreFailure
from mrbot.plan.vault import KEY_TEXT_LIMIT, SealBroken, Vault
from mrbot.secret import Secret

KEY = Secret("k" * 43)
CONTEXT = "plan gitlab:group/infra#7"


@pytest.mark.parametrize("plain", [b"", b"a", b"\x00" * 100_000], ids=["empty", "byte", "large"])
def test_what_was_sealed_opens_to_itself(plain: bytes) -> None:
    sealed = Vault(KEY).seal(plain, CONTEXT)

    assert Vault(KEY).open(sealed, CONTEXT) == plain


def test_the_sealed_bytes_do_not_show_the_plain_ones_and_never_repeat() -> None:
    vault = Vault(KEY)

    first, second = vault.seal(b"hunter2hunter2", CONTEXT), vault.seal(b"hunter2hunter2", CONTEXT)

    assert b"hunter2" not in first
    assert first != second


def test_every_changed_byte_is_noticed() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"plan", CONTEXT)

    for at in range(len(sealed)):
        changed = bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1 :]])
        with pytest.raises(SealBroken):
            vault.open(changed, CONTEXT)


@pytest.mark.parametrize("sealed", [b"", b"mrbot-seal-1\n", b"PK\x03\x04"], ids=repr)
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        Vault(KEY).open(sealed, CONTEXT)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        Vault(Secret("l" * 43)).open(Vault(KEY).seal(b"plan", CONTEXT), CONTEXT)


def test_a_plan_sealed_for_one_change_does_not_open_as_that_of_another() -> None:
    sealed = Vault(KEY).seal(b"plan", CONTEXT)

    with pytest.raises(SealBroken):
        Vault(KEY).open(sealed, "plan gitlab:group/infra#8")


def test_a_broken_seal_is_the_stores_failure_and_tells_no_content() -> None:
    with pytest.raises(StoreFailure, match="infra#7") as caught:
        Vault(KEY).open(b"hunter2", CONTEXT)

    assert "hunter2" not in str(caught.value)


def test_keyed_digests_are_equal_for_equal_texts_and_depend_on_the_key() -> None:
    digest = Vault(KEY).keyed_digest("hunter2")

    assert digest == Vault(KEY).keyed_digest("hunter2")
    assert digest != Vault(KEY).keyed_digest("hunter3")
    assert digest != Vault(Secret("l" * 43)).keyed_digest("hunter2")
    assert len(digest) == 64


def test_a_short_key_is_refused() -> None:
    with pytest.raises(BadSettings, match="openssl rand"):
        Vault(Secret("k" * 31))


def test_a_vault_shows_no_key_and_is_never_pickled() -> None:
    assert "kkk" not in repr(Vault(KEY))
    with pytest.raises(TypeError):
        pickle.dumps(Vault(KEY))


def test_an_absent_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "key"

    sealed = Vault.from_file(path).seal(b"plan", CONTEXT)

    assert path.stat().st_mode & 0o777 == 0o600
    assert Vault.from_file(path).open(sealed, CONTEXT) == b"plan"
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_a_key_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("a" * 40 + "\n")
    path.chmod(0o600)

    Vault.from_file(path)

    assert path.read_text() == "a" * 40 + "\n"


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"", 0o600, "fewer than 32"),
        (b"a" * 40, 0o644, "chmod 600"),
        (b"a" * 40, 0o660, "chmod 600"),
        (b"a" * (KEY_TEXT_LIMIT + 1), 0o600, "not a key"),
        (b"\xff" * 40, 0o600, "not text"),
    ],
    ids=["empty", "open to all", "group writes", "too large", "binary"],
)
def test_a_key_file_that_cannot_be_trusted_is_refused(
    tmp_path: Path, content: bytes, mode: int, message: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(mode)

    with pytest.raises(BadSettings, match=message):
        Vault.from_file(path)


def test_a_key_file_the_group_may_read_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("a" * 40)
    path.chmod(0o440)

    assert repr(Vault.from_file(path)) == "Vault(***)"


@pytest.mark.parametrize("name", ["missing/key", "."], ids=["no folder", "a folder"])
def test_a_key_file_that_cannot_be_made_is_a_settings_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadSettings, match="cannot be used"):
        Vault.from_file(Path(os.path.join(tmp_path, name)))
