"""What mutations start from: files as teams write them, and odd ones."""

from __future__ import annotations

import json

from tests.samples import containers, kubernetes, pipelines, steering
from tests.samples.every import SAMPLES
from tests.unit.plan.plan_documents import plan, resource

_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)

ODD: tuple[bytes, ...] = (
    b"",
    b"\0",
    b"\xff\xfe a\0:\0",
    b"\xef\xbb\xbfa: 1\r\nb: 2\r\n",
    b"a: 1\rb: 2\r",
    "a: x\u2028b: y\n".encode(),
    "a\u0085b\n".encode(),
    "\u202ereversed: \u200bnothing\n".encode(),
    "e\u0301: \U0001f600\n".encode(),
    b"a: \xed\xa0\x80\n",
    b'{"a": "\\ud800"}',
    b"n: " + b"9" * 5_000,
    b"n: 1e999999999\nm: 0x" + b"f" * 300,
    b'{"n": 1e400, "m": -0, "k": ' + b"1" * 400 + b"}",
    b"[" * 300,
    b"{a: " * 150 + b"}" * 150,
    b'{"a":' * 120 + b"1" + b"}" * 120,
    b"a {\n" * 80,
    b"a = " + b"(" * 300,
    b"- " * 200 + b"a",
    b"x" * 20_000,
    b"a b " * 5_000,
    _BOMB.encode(),
    b"a: &a\n  b: *a\n",
    b"<<: {a: 1}\na: 2\n<<: {b: 1}\n",
    b"a: 1\na: 2\n",
    b'{"a": 1, "a": 2}',
    b"? [a, b]\n: c\n1: 2\nnull: 3\ntrue: 4\n",
    b"!!python/object:os.system {}\n",
    b"!x {!y a: !z b}\n",
    b'a = "unterminated\n',
    b"a = <<EOT\nnever ended\n",
    b'a = "${b',
    b"RUN <<EOF\nnever ended\n",
    b"FROM a\nRUN x \\",
    b"--- \n...\n%YAML 1.1\n---\n",
    b"a: |9\n b\n",
    b"a: 'it''s'\nb: \"\\x41\\u0041\\U00000041\"\n",
    b"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n",
)
"""Seeds that break the bounds, the encodings or the grammar of most formats."""

_WORDS = r"""
{ } [ ] ( ) : , - = " ' # / \ | > < & * ! % @ ` $ ${ {{ }} <<EOF <<-EOT EOF $( && ; ? ~ --- ...
null true no 0 -1 1e9 0x1f 017 .inf .nan !!str !Ref !reference !vault !reset *a &a <<:
apiVersion kind metadata items data stringData Secret List v1 name value env password token
resource dynamic content for_each locals provider variable sensitive lifecycle count
FROM ARG ENV COPY RUN USER AS ONBUILD HEALTHCHECK hosts tasks block roles vars no_log
Resources Type Properties Fn::Sub Fn::ForEach::A Fn::Transform NoEcho Transform Parameters
services image build include extends jobs steps uses with on script variables default spec
secretGenerator literals patches target op path replacements namePrefix components bases
actions before after after_sensitive after_unknown format_version resource_changes
mrbot /plan /apply approve [section][2] ^[x] !/a **/ ../ ./ file://
"""
DICTIONARY: tuple[bytes, ...] = (
    *(word.encode() for word in _WORDS.split()),
    *(b"\n", b"\r\n", b"\t", b"  ", b"\0", b"\xff", b"\xc3\xa9"),
    *("\u2028".encode(), b"\xef\xbb\xbf"),
)
"""Words that mean something to one format or another."""

PLAN = json.dumps(
    plan(
        resource(
            "aws_db_instance.a",
            ("delete", "create"),
            {"password": "hunter2-old", "tags": {"a": 1}, "ports": [1, 2]},
            {"password": "hunter2-new", "tags": None, "ports": [2]},
            after_sensitive={"password": True, "ports": [False, True]},
            before_sensitive={"password": True},
            after_unknown={"arn": True},
            replace_paths=[["password"]],
            action_reason="replace_because_cannot_update",
        ),
        resource("module.m.aws_x.b[0]", ("update",), {}, {}, previous_address="aws_x.c", index=0),
        resource("aws_x.d", ("no-op",), {}, {}, importing={"id": "d"}),
        output_changes={
            "o": {"actions": ["create"], "before": None, "after": "s", "after_sensitive": True}
        },
        planned_values={"root_module": {"resources": [{"address": "a", "values": {"a": "b"}}]}},
        prior_state={"values": {"root_module": {"child_modules": [{"address": "module.m"}]}}},
        configuration={"root_module": {"variables": {"v": {"default": "x", "sensitive": True}}}},
        variables={"v": {"value": "hunter2-variable"}},
        resource_drift=[resource("aws_x.e", ("update",), {"a": 1}, {"a": 2})],
        deferred_changes=[{"reason": "r", "resource_change": resource("aws_x.f", ("create",))}],
        checks=[{"address": {"kind": "check", "to_display": "c"}, "status": "fail"}],
        errored=False,
    )
).encode()

COMMENT = b"""\
/plan network-prod
mrbot apply
> /plan
```
/apply
```
<!-- /discard -->
>>>
/plan
>>>
mrbot aply
    /plan
mrbot approve 1234-abcd
"""

RAW_DIFF = (
    b":100644 100755 abcdef0 1234567 M\0a.tf\0"
    b":000000 100644 0000000 1234567 A\0caf\xe9\0"
    b":100644 100644 abcdef0 1234567 R100\0a\0b\0"
    b":100644 000000 abcdef0 0000000 D\0x y\0"
    b":120000 160000 abcdef0 1234567 T\0l\0"
    b":100644 100644 abcdef0 1234567 C75\0a\0c\0"
)

GITHUB_EVENT = json.dumps(
    {
        "action": "created",
        "repository": {"full_name": "org/infra", "id": 1},
        "pull_request": {"number": 7},
        "issue": {"number": 7, "pull_request": {"url": "u"}},
        "comment": {"id": 5, "body": "/plan", "user": {"id": 3, "login": "kim", "type": "User"}},
        "review": {"id": 9, "state": "approved", "commit_id": "a" * 40,
                   "user": {"id": 3, "login": "kim"}},
        "sender": {"id": 3},
        "ref": "refs/heads/main",
        "after": "b" * 40,
        "workflow_run": {"id": 11},
        "deployment": {"id": 12},
        "check_run": {"id": 13, "head_sha": "c" * 40},
    }
).encode()  # fmt: skip

GITLAB_EVENT = json.dumps(
    {
        "object_kind": "note",
        "project": {"id": 1, "path_with_namespace": "group/infra"},
        "user": {"id": 3, "username": "kim"},
        "user_id": 3,
        "object_attributes": {
            "id": 5, "iid": 7, "note": "/plan", "noteable_type": "MergeRequest", "action": "create",
            "author_id": 3, "created_at": "2026-11-22 21:10:00 UTC",
            "updated_at": "2026-11-22 21:10:00 UTC", "oldrev": "a" * 40,
            "last_commit": {"id": "b" * 40},
        },
        "merge_request": {"iid": 7, "id": 70},
        "ref": "refs/heads/main", "before": "a" * 40, "after": "b" * 40, "checkout_sha": "b" * 40,
    }
).encode()  # fmt: skip

ALL_SAMPLES: tuple[tuple[str, bytes], ...] = tuple(
    (path, text.encode()) for files in SAMPLES.values() for path, text in files
)
YAML_SEEDS: tuple[bytes, ...] = (
    *(text for path, text in ALL_SAMPLES if path.endswith((".yml", ".yaml"))),
)
HCL_SEEDS: tuple[bytes, ...] = tuple(
    text for path, text in ALL_SAMPLES if path.endswith((".tf", ".tofu", ".tfvars", ".hcl"))
)
CONFTEST: tuple[bytes, ...] = (
    b'top = 1\n[s]\na = "x # y"\nb = c \\\n  d ; e\nf = """g\nh"""\n- = `i`\n[s.t]\nj = 1e3\n',
    b"a=1\nb : two\n! c\nd = e\\\n   f\ng\\ h = \\u0041\\t${a}\n",
    b'A=1\nexport B="x\\ny ${A}" # c\nC=\'$A\'\nD: e\nF="more\nlines"\n',
    b"# c\n*.log \n!keep\na\\ b\n",
    b'<?xml version="1.0"?><r x="1" n:k="v" xmlns:n="u"><a>t</a><!-- c -->&lt;<![CDATA[d]]></r>',
    b'# c\nFROM --platform=x a AS b\nRUN ["c", "d"]\nENV E=f G="h i"\nCOPY <<J /k\nl\nJ\n',
    b"FROM a\nHEALTHCHECK --interval=5s CMD m\nONBUILD RUN n && \\\n  o\n",
    b"a = 1979-05-27T07:32:00.5Z\n[b.'c d']\ne = [1, {f = true}]\n[[g]]\nh = 07:32:00\n",
    b'// c\n{"a": 1, /* b */ "d": [2], # e\n "f": "//g"}\n',
    b"on: !Ref x\n1: &a {b: yes}\nc:\n  <<: *a\n---\n- d\n",
    b'a = "x${~ b ~}%{ if c }d%{ else }e%{ endif }"\nf = <<-G\n  h ${i}\n  G\nj = {(k) = -1, "l" = [m]}\n',
)
JSON_SEEDS: tuple[bytes, ...] = (
    PLAN,
    *(text for path, text in ALL_SAMPLES if path.endswith(".json")),
)
OWNERS = steering.OWNERS.encode()
RULES = steering.RULES.encode()
KUSTOMIZATION = kubernetes.KUSTOMIZATION.encode()
MANIFESTS = kubernetes.MANIFESTS.encode()
LINKED = tuple(
    text.encode()
    for text in (kubernetes.KUSTOMIZATION, kubernetes.CHART, containers.COMPOSE, pipelines.GITLAB)
)
