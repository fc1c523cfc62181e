"""Which files are CloudFormation templates, and what each says, in long form.

A template is told by its content: by `AWSTemplateFormatVersion`, by a `Transform` that AWS has, by
`Resources` of which one has a type such as `AWS::S3::Bucket`, is a loop, or is left to a macro.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.cloudformation.intrinsics import (
    FOR_EACH,
    LONG_FORMS,
    TRANSFORM,
    long_form,
    tagged,
)
from mrbot.resources.declared import Side, TextFile
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import YamlDocument

RESOURCES = "Resources"

_SUFFIXES = (".cfn.yaml", ".cfn.yml", ".cfn.json")
_SPOKEN = (".yaml", ".yml", ".json", ".template")
_MAYBE = ".template"  # nginx and others have templates too
_VERSION = "AWSTemplateFormatVersion"
_WORDS = (_VERSION.encode(), RESOURCES.encode(), b"Transform")
_GENERATORS = (FOR_EACH, TRANSFORM, "!Transform")
_ESCAPE = b"\\"  # "\u0052esources" is one of the words as well
_BLANK = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class Template:
    """One file's content, in long form."""

    path: str
    content: dict[str, Json]
    document: YamlDocument | None

    def line(self, *path: str) -> int:
        """The line of what is at `path`; within JSON no lines are known."""
        return self.document.line_of(path) if self.document else 1


def reads(path: str) -> bool:
    """Whether a file by this path is to be a template; those by other paths are told by content."""
    return path.endswith((*_SUFFIXES, _MAYBE))


def looks_like(file: TextFile) -> bool:
    """Whether `file` holds a template, or cannot be parsed and speaks as one."""
    if not (any(word in file.text for word in _WORDS) or _ESCAPE in file.text):
        return False
    try:
        return any(_is_template(_untagged(value)) for value, _ in _documents(file))
    except BadInput:
        return file.path.endswith(_SPOKEN) and _speaks_as_one(file.text)


def load(file: TextFile, side: Side) -> Template | None:
    """The template in `file`; what else is in it, or that there is none, is a fault. An empty file
    holds none and is no fault."""
    try:
        documents = _documents(file)
    except BadInput as error:
        problem = error.problems[0]
        relevant = file.path.endswith(_SUFFIXES) or _speaks_as_one(file.text)
        side.fault(file.path, problem.line, problem.message, relevant=relevant)
        return None
    relevant = file.path.endswith(_SUFFIXES) or any(_is_near(value) for value, _ in documents)
    for _, extra in documents[1:2]:
        line = extra.line if extra else 1
        side.fault(file.path, line, "a second document: a template is one", relevant=relevant)
    for value, document in documents[:1]:
        content = long_form(_untagged(value))
        template = Template(file.path, content if isinstance(content, dict) else {}, document)
        if _is_template(content):
            _tell_tags(template, value, side)
            return template
        reason = "not a CloudFormation template"
        side.fault(file.path, template.line(), reason, relevant=relevant)
    return None


def listed(value: Json) -> list[Json]:
    """`value` as a list: where several may be written, one may be written without it."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def macro_name(transform: Json) -> str:
    """The name of a macro, however it is called."""
    return str(transform.get("Name") if isinstance(transform, dict) else transform)


def _documents(file: TextFile) -> list[tuple[Json, YamlDocument | None]]:
    """Each document that is not empty, and itself where lines within it are known.

    Raises: BadInput.
    """
    problem: BadInput | None = None
    if _opens_object(file.text):
        try:
            return [(load_json(file.text, file.path), None)]
        except BadInput as error:  # YAML can begin so too
            problem = error
    try:
        documents = file.documents()
    except BadInput as error:
        raise (problem if problem and file.path.endswith(".json") else error) from error
    return [(found.value, found) for found in documents if found.value is not None]


def _opens_object(text: bytes) -> bool:
    return text.lstrip(_BLANK)[:1] == b"{"


def _speaks_as_one(text: bytes) -> bool:
    """Whether text that cannot be parsed might be a template: by its words, or because it is an
    object in which they may be written with escapes."""
    if _VERSION.encode() in text or (RESOURCES.encode() in text and b"::" in text):
        return True
    return _opens_object(text) and any(escape in text for escape in (rb"\u", rb"\U", rb"\x"))


def _untagged(value: Json) -> Json:
    """`value` without a tag around it, behind which a template would hide."""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("!"):
        (value,) = value.values()
    return value


def _is_near(value: Json) -> bool:
    """Whether `value` is a template, or something that was to be one."""
    content = _untagged(value)
    return _is_template(content) or (isinstance(content, dict) and RESOURCES in content)


def _is_template(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    resources = value.get(RESOURCES)
    entries = resources if isinstance(resources, dict) else {}
    macros = [macro_name(one) for one in listed(value.get("Transform"))]
    return (
        _VERSION in value
        or TRANSFORM in value
        or any(name.startswith("AWS::") for name in macros)
        or bool(macros and RESOURCES in value)
        or any(_is_entry(name, body) for name, body in entries.items())
    )


def _is_entry(name: str, body: Json) -> bool:
    """Whether an entry of `Resources` is a resource, or becomes one."""
    fields = body if isinstance(body, dict) else {}
    kind = fields.get("Type")
    typed = isinstance(kind, str) and "::" in kind
    return typed or any(key.startswith(_GENERATORS) for key in (name, *fields))


def _tell_tags(template: Template, value: Json, side: Side) -> None:
    """Tags that CloudFormation does not know are faults; so are keys that look like tags, for they
    could not be told from them."""
    tags = template.document.tags if template.document else ()
    for tag, line in [(tag, line) for tag, line in tags if tag not in LONG_FORMS][:1]:
        reason = f"the tag {tag[:100]}, which CloudFormation does not know"
        side.fault(template.path, line, reason)
    if tagged(value) > len(tags):
        side.fault(template.path, template.line(), "a key that begins with !, as a tag would")
    if _untagged(value) is not value:
        side.fault(template.path, template.line(), "a tag on the whole template")
