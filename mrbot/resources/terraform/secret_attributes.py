"""Values that are secrets because of what they are set on, whatever they are called: the data of a
Kubernetes secret, a parameter in a vault, what `sensitive(...)` is called on.

A plain reference (`${var.x}`, `${random_password.p.result}`) is no secret and stays readable.

Sources: https://registry.terraform.io/browse/providers
https://developer.hashicorp.com/terraform/language/functions/sensitive
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from mrbot.ids import Json
from mrbot.resources.masking import INSIDE_JSON, parsed, strings
from mrbot.resources.paths import Path

_DATA = ("data", "binary_data", "string_data", "data_wo", "binary_data_wo")
_GITHUB = ("plaintext_value", "encrypted_value", "value", "value_encrypted")
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "kubernetes_secret": _DATA,
    "kubernetes_secret_v1": _DATA,
    "kubernetes_secret_v1_data": _DATA,
    "aws_ssm_parameter": ("value", "value_wo"),
    "aws_secretsmanager_secret_version": ("secret_string", "secret_string_wo", "secret_binary"),
    "google_secret_manager_secret_version": ("secret_data", "secret_data_wo"),
    "google_secret_manager_regional_secret_version": ("secret_data", "secret_data_wo"),
    "azurerm_key_vault_secret": ("value", "value_wo"),
    "github_actions_secret": _GITHUB,
    "github_actions_organization_secret": _GITHUB,
    "github_actions_environment_secret": _GITHUB,
    "github_codespaces_secret": _GITHUB,
    "github_dependabot_secret": _GITHUB,
    "gitlab_project_variable": ("value",),
    "gitlab_group_variable": ("value",),
    "gitlab_instance_variable": ("value",),
    "vault_kv_secret": ("data_json",),
    "vault_kv_secret_v2": ("data_json", "data_json_wo"),
    "vault_generic_secret": ("data_json",),
    "local_sensitive_file": ("content", "content_base64"),
}
"""By a resource's type, the attributes that hold nothing but a secret."""
_IN_THE_CLEAR = {"aws_ssm_parameter": ("String", "StringList")}
"""Types whose values are no secrets when their own attribute `type` is one of these words."""
_MANIFESTS = {"kubernetes_manifest": "manifest", "kubectl_manifest": "yaml_body"}
"""Types that hold an object of a cluster, and the attribute that does."""
_OBJECT_DATA = ("data", "stringData")

_REFERENCE = re.compile(r"\$\{[A-Za-z_][\w.*-]*+(?:\[[\w.*\"-]*+\][\w.*-]*+)*+\}")
_TOKEN = re.compile(
    r"(?P<escaped>\$\$\{|%%\{|\\.)|(?P<opens>[$%]\{)|(?P<brace>\{)|(?P<closes>\})|(?P<quote>\")"
    r"|(?P<unclear><<|#|//|/\*)|(?P<call>(?<![\w.-])sensitive\s*+\()",
    re.DOTALL,
)
_KIND = re.compile(r"^[\"']?kind[\"']?[ \t]*+:[ \t]*+[\"']?(\w++)", re.MULTILINE)
_KIND_IN_EXPRESSION = re.compile(r"\bkind\"?\s*+[=:]\s*+[\"']?Secret\b")


def secret_attributes(
    kind: str, value: Mapping[str, Json], unknown: Sequence[Path]
) -> Iterator[Path]:
    """The paths of what is secret in a block of `kind`; `unknown` are those of its expressions."""
    for attribute in _attributes(kind, value):
        yield from _literals(value.get(attribute), (attribute,))
    if kind in _MANIFESTS:
        attribute = _MANIFESTS[kind]
        yield from _of_manifest(value.get(attribute), (attribute,))
    if kind == "helm_release":
        yield from _set_values(value.get("set_sensitive"))
    expressions = frozenset(unknown)
    for path, text in strings(dict(value)):
        if path in expressions:
            yield from _calls(text, path)


def _attributes(kind: str, value: Mapping[str, Json]) -> tuple[str, ...]:
    if value.get("type") in _IN_THE_CLEAR.get(kind, ()):
        return ()
    return _ATTRIBUTES.get(kind, ())


def _literals(value: Json, path: Path) -> Iterator[Path]:
    """All that is in `value`, each reference aside."""
    match value:
        case dict():
            for key, inner in value.items():
                yield from _literals(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from _literals(inner, (*path, index))
        case None | bool() | "":
            return
        case str() if _REFERENCE.fullmatch(value):
            return
        case _:
            yield path


def _of_manifest(value: Json, path: Path) -> Iterator[Path]:
    """What is secret in an object of a cluster. Of a text or an expression that makes a Secret, all
    is: which part of it holds the data is not known."""
    match value:
        case dict() if value.get("kind") == "Secret":
            for name in _OBJECT_DATA:
                yield from _literals(value.get(name), (*path, name))
        case str() if (held := parsed(value)) is not None:
            yield from _of_manifest(held, (*path, INSIDE_JSON))
        case str() if value.startswith("${") and _KIND_IN_EXPRESSION.search(value):
            yield path
        case str() if {*_KIND.findall(value)} == {"Secret"}:
            yield path
        case _:
            return


def _set_values(blocks: Json) -> Iterator[Path]:
    for index, block in enumerate(blocks if isinstance(blocks, list) else [blocks]):
        place = ("set_sensitive", index) if isinstance(blocks, list) else ("set_sensitive",)
        if isinstance(block, dict):
            yield from _literals(block.get("value"), (*place, "value"))


def _calls(text: Json, path: Path) -> Iterator[Path]:
    """Where `sensitive` is called in a text or in the JSON it holds: all around it becomes so."""
    if not isinstance(text, str):
        return
    if (held := parsed(text)) is None:
        yield from (path,) if _calls_sensitive(text) else ()
        return
    for inside, inner in strings(held):
        yield from _calls(inner, (*path, INSIDE_JSON, *inside))


def _calls_sensitive(text: str) -> bool:
    """Whether an expression in the template `text` calls `sensitive`; not what is only text, for a
    script that says so is no secret. No, too, behind a comment or a heredoc in an expression."""
    within = ["text"]
    for token in _TOKEN.finditer(text):
        kind, inner = token.lastgroup, within[-1]
        if inner == "expression":
            if kind in ("call", "unclear"):
                return kind == "call"
            if kind in ("opens", "brace"):
                within.append("expression")
            elif kind == "closes":
                within.pop()
            elif kind == "quote":
                within.append("string")
        elif kind == "opens":
            within.append("expression")
        elif kind == "quote" and inner == "string":
            within.pop()
    return False
