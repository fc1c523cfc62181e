"""Files of every structured format, made up at random: strategies of values, and how each is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.unit.resources.hcl_writer import Block, Expression, write

ODD_KEYS = (
    "",
    "a.b",
    "a/b",
    'q"q',
    "é",
    "a b",
    "-",
    "0",
    "null",
    "#x",
    "[0]",
    "*",
    "{{x}}",
    "${x}",
)
WORDS = ("name", "value", "key", "kind", "path", "on", "type", "items", "enabled", "data", "a", "b")
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(-1e6, 1e6).filter(lambda number: number != 0)
    | st.sampled_from(
        ["", "a", "b", "A=b", "10.0.0.0/8", "${x}", "{{ x }}", "yes", "1", "a\nb\n", "é"]
    )
    | st.text(max_size=8)
)


class _Quoted(yaml.SafeDumper):
    """No word is taken for anything but text, and nothing is written as an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Quoted.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def as_yaml(value: Any) -> str:
    """`value` as a YAML document."""
    return yaml.dump(value, Dumper=_Quoted, sort_keys=False)


def as_documents(values: Any) -> str:
    """A YAML document for each of `values`."""
    return yaml.dump_all(values, Dumper=_Quoted, sort_keys=False)


def keys(*words: str) -> SearchStrategy[str]:
    """Names that the format knows, and a few that none expects."""
    return st.sampled_from((*words, *words, *words, *WORDS, *ODD_KEYS))


def values(*words: str) -> SearchStrategy[Any]:
    """JSON values of no great depth, their keys from `keys`."""
    found: SearchStrategy[Any] = _SCALARS
    for _ in range(2):
        held = st.dictionaries(keys(*words), found, max_size=3)
        found = _SCALARS | st.lists(found, max_size=3) | held
    return found


def mappings(*words: str, least: int = 0) -> SearchStrategy[dict[str, Any]]:
    """JSON objects."""
    return st.dictionaries(keys(*words), values(*words), min_size=least, max_size=4)


def some(**parts: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Some of `parts`."""
    return st.fixed_dictionaries({}, optional=parts)


def named(
    inner: SearchStrategy[Any], *names: str, least: int = 0
) -> SearchStrategy[dict[str, Any]]:
    """A few of `inner` by name."""
    return st.dictionaries(
        st.sampled_from(names or ("web", "db", "x")), inner, min_size=least, max_size=3
    )


def mixed(before: Any, after: Any) -> Any:
    """`before` with some of `after` in it: what a small change makes of it."""
    match before, after:
        case dict(), dict():
            return {
                key: mixed(before[key], after[key]) if key in before and key in after else inner
                for key, inner in {**after, **before}.items()
            }
        case list(), list():
            return [*before[:1], *after, *before[1:]]
        case Block(), Block():
            attributes = mixed(before.attributes, after.attributes)
            return Block(attributes, mixed(before.blocks, after.blocks))
        case _:
            return after


@dataclass(frozen=True)
class Shape:
    """What files by `path` hold, and how it is written."""

    format: str
    path: str
    values: SearchStrategy[Any]
    written: Callable[[Any], str]

    def pairs(self) -> SearchStrategy[tuple[Any, Any]]:
        """What the file holds before and after a change."""
        apart = st.tuples(self.values, self.values)
        return apart | apart.map(lambda pair: (pair[0], mixed(*pair)))


_JOB = mappings("script", "stage", "variables", "rules", "image", "needs")
_GITLAB = some(
    stages=st.lists(st.sampled_from("abc"), max_size=3),
    variables=mappings("DB_PASSWORD", "LEVEL"),
    include=st.lists(st.fixed_dictionaries({"local": st.sampled_from("ab")}), min_size=1, max_size=2),
    default=_JOB, workflow=_JOB, build=_JOB, deploy=_JOB, **{".base": values("script")},
)  # fmt: skip
_STEP = mappings("uses", "run", "with", "env", "name")
_WORKFLOW = st.fixed_dictionaries(
    {
        "on": values("push"),
        "jobs": named(mappings("runs-on", "steps", "env") | some(steps=st.lists(_STEP))),
    },
    optional={"permissions": values("contents"), "env": mappings("API_TOKEN"), "name": _SCALARS},
)
_SERVICE = some(
    image=st.sampled_from(["a:1", "b"]), environment=mappings("DB_PASSWORD", "LEVEL"),
    ports=st.lists(st.sampled_from(["80:80", "443"]), max_size=2), privileged=st.booleans(),
    deploy=mappings("replicas"), volumes=st.lists(st.sampled_from(["a:/a", "b:/b"]), max_size=2),
    labels=mappings("team"), command=values(),
)  # fmt: skip
_COMPOSE = st.fixed_dictionaries(
    {"services": named(_SERVICE)},
    optional={"volumes": named(mappings("driver", least=1) | st.none(), least=1),
              "name": st.sampled_from("ab"),
              "networks": named(mappings("internal", least=1), least=1), "x-a": values()},
)  # fmt: skip
_DEPENDENCY = st.fixed_dictionaries(
    {"name": st.sampled_from("abc")}, optional={"version": _SCALARS, "alias": st.sampled_from("xy")}
)
_CHART = mappings("apiVersion", "version").flatmap(
    lambda rest: some(dependencies=st.lists(_DEPENDENCY, min_size=1, max_size=3)).map(
        lambda own: {**rest, **own}
    )
)
_TASK = st.builds(
    lambda module, rest: {**module, **rest},
    st.sampled_from(
        [{"shell": "a"}, {"shell": "b"}, {"copy": {"src": "a"}}, {"copy": {"src": "b"}}]
    ),
    some(
        name=st.sampled_from("abc"),
        when=values(),
        no_log=st.just(value=True),
        vars=mappings("token"),
    ),
)
_PLAY = st.fixed_dictionaries(
    {"hosts": st.sampled_from(["web", "all"])},
    optional={"vars": mappings("db_password"), "tasks": st.lists(_TASK, max_size=3),
              "roles": st.lists(st.sampled_from("ab"), max_size=2), "become": st.booleans(),
              "handlers": st.lists(_TASK, max_size=2)},
)  # fmt: skip
_OBJECT = st.fixed_dictionaries(
    {"apiVersion": st.sampled_from(["v1", "apps/v1"]),
     "kind": st.sampled_from(["ConfigMap", "Secret", "Deployment", "PersistentVolumeClaim"]),
     "metadata": st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional={"labels": mappings()})},
    optional={"data": mappings("token"), "stringData": mappings("a"), "spec": mappings("replicas")},
)  # fmt: skip
_ENTRY = st.fixed_dictionaries(
    {"Type": st.sampled_from(["AWS::S3::Bucket", "AWS::RDS::DBInstance", "AWS::X::Y"])},
    optional={"Properties": mappings("Ref", "Fn::Sub", "MasterUserPassword", "Tags"),
              "DeletionPolicy": st.sampled_from(["Retain", "Delete"])},
)  # fmt: skip
_STACK = st.fixed_dictionaries(
    {"Resources": named(_ENTRY, "A", "B", "C")},
    optional={"Parameters": named(mappings("Default", "NoEcho", "Type"), "P", "Q", least=1),
              "Outputs": named(mappings("Value"), "O", least=1),
              "Mappings": named(mappings(), "M", least=1),
              "Conditions": named(mappings("Fn::Equals"), "C", least=1), "Description": st.text(max_size=3)},
)  # fmt: skip
_RULES = st.fixed_dictionaries(
    {"version": st.just(1)},
    optional={
        "projects": st.lists(mappings("name", "directory"), min_size=1, max_size=2),
        "approvals": st.lists(mappings("name", "when", "require"), min_size=1, max_size=2),
        "policies": st.lists(mappings(), min_size=1, max_size=2),
        "deployments": named(mappings("pipeline"), least=1),
        "otherwise": values("require"), "codeowners": _SCALARS, "a": values(),
    },
)  # fmt: skip
_KUSTOMIZATION = mappings(
    "namespace", "resources", "images", "patches", "secretGenerator", "replicas"
)
_HOSTS = named(mappings("ansible_host", "password", least=1) | st.none(), least=1)
_GROUP = some(hosts=_HOSTS, vars=mappings("token", least=1))
_INVENTORY = st.fixed_dictionaries({"all": _GROUP}, optional={"db": _GROUP})

_NAMES = st.sampled_from(["size", "tags", "name", "password", "count", "enabled", "cidr"])
_EXPRESSION = st.sampled_from(["var.a", "local.b[0]", "f(1, x)", "a ? b : c"]).map(Expression)
_ATTRIBUTES = st.dictionaries(_NAMES, values("k") | _EXPRESSION, max_size=4)
_INNER = st.builds(Block, _ATTRIBUTES)
_NESTED = st.sampled_from(["ingress", "provisioner local-exec", "lifecycle", "timeouts"])
_BODY = st.builds(
    Block,
    _ATTRIBUTES,
    st.dictionaries(_NESTED, st.lists(_INNER, min_size=1, max_size=2), max_size=2),
)
_TOP = st.sampled_from(
    ["resource aws_s3_bucket a", "resource aws_db_instance b", "data aws_ami a", "variable region",
     "variable db_password", "module vpc", "output a", "provider aws", "terraform"]
)  # fmt: skip
_CONFIGURATION = st.builds(
    lambda blocks, locals_: Block(
        {}, {**{head: [body] for head, body in blocks.items()},
             **({"locals": [Block(locals_)]} if locals_ else {})},
    ),
    st.dictionaries(_TOP, _BODY, max_size=4), _ATTRIBUTES,
)  # fmt: skip
_IN_JSON = mappings("size", "tags", "lifecycle", "password", least=1)
_JSON_CONFIGURATION = some(
    resource=named(named(_IN_JSON, "a", "b", least=1), "aws_s3_bucket", "aws_x", least=1),
    variable=named(_IN_JSON, "region", "api_token", least=1),
    module=named(_IN_JSON, "vpc", least=1),
    locals=_IN_JSON,
)

SHAPES: tuple[Shape, ...] = (
    Shape("terraform", "infra/main.tf", _CONFIGURATION, write),
    Shape("terraform", "infra/main.tf.json", _JSON_CONFIGURATION, json.dumps),
    Shape("terraform", "infra/prod.tfvars", st.builds(Block, _ATTRIBUTES), write),
    Shape("terraform", "infra/prod.tfvars.json", mappings("region", "token"), json.dumps),
    Shape("gitlab-ci", ".gitlab-ci.yml", _GITLAB, as_yaml),
    Shape("github-workflow", ".github/workflows/a.yml", _WORKFLOW, as_yaml),
    Shape("compose", "compose.yaml", _COMPOSE, as_yaml),
    Shape("helm", "charts/a/Chart.yaml", _CHART, as_yaml),
    Shape("helm", "charts/a/values.yaml", mappings("image", "password", "env"), as_yaml),
    Shape("helm", "charts/a/values.schema.json", mappings("type", "properties"), json.dumps),
    Shape("kustomize", "k/kustomization.yaml", _KUSTOMIZATION, as_yaml),
    Shape("ansible", "site.yml", st.lists(_PLAY, min_size=1, max_size=3), as_yaml),
    Shape("ansible", "roles/a/tasks/main.yml", st.lists(_TASK, min_size=1, max_size=4), as_yaml),
    Shape("ansible", "group_vars/all.yml", mappings("port", "db_password"), as_yaml),
    Shape("ansible", "inventory/hosts.yml", _INVENTORY, as_yaml),
    Shape("cloudformation", "stacks/a.yaml", _STACK, as_yaml),
    Shape("cloudformation", "stacks/a.template.json", _STACK, json.dumps),
    Shape("mrbot", ".mrbot.yml", _RULES, as_yaml),
    Shape("kubernetes", "k8s/all.yaml", st.lists(_OBJECT, min_size=1, max_size=3), as_documents),
    Shape("kubernetes", "k8s/a.json", _OBJECT, json.dumps),
    Shape("data", "conf/settings.yaml", mappings("server", "token"), as_yaml),
    Shape("data", "renovate.json", mappings("extends", "token"), json.dumps),
)
"""Every structured format; the others are lines, and their samples are altered."""
