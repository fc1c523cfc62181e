"""The configuration that a plan's JSON repeats: which of its constants are sensitive.

A plan marks none of them. A constant is sensitive where it is the default of a sensitive variable,
the value of a sensitive output, given to a sensitive variable of a module, an attribute that is
sensitive in any instance of its resource, or a provider's setting with a telling name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from mrbot.ids import Json
from mrbot.plan.shapes import Shapes, as_object
from mrbot.resources.masking import Marks, either
from mrbot.resources.secret_names import is_secret_name

_INSTANCE_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[0-9]+)\]')


class Configuration:
    """The `configuration` section of one plan; `marks` are those of each resource instance."""

    def __init__(self, shapes: Shapes, marks: Mapping[str, Marks]) -> None:
        self._shapes = shapes
        self._marks: dict[str, Marks] = {}
        for address, instance in marks.items():
            block = _INSTANCE_KEY.sub("", address)
            self._marks[block] = either(self._marks.get(block, False), instance)

    def rewritten(self, configuration: Json) -> Json:
        """What stands for the section."""
        shapes = self._shapes
        providers = partial(shapes.named, self._provider)
        modules = partial(self._module, "")
        return shapes.fields({"provider_config": providers, "root_module": modules}, configuration)

    def _provider(self, _: str, provider: Json) -> Json:
        expressions = partial(self._expressions, is_secret_name)
        return self._shapes.fields({"expressions": expressions}, provider)

    def _module(self, prefix: str, module: Json) -> Json:
        """A module whose resources' addresses begin with `prefix`."""
        shapes = self._shapes
        blocks = partial(shapes.each, partial(self._block, prefix))
        return shapes.fields(
            {
                "variables": partial(shapes.named, self._declared),
                "outputs": partial(shapes.named, self._declared),
                "resources": blocks,
                "actions": blocks,
                "module_calls": partial(shapes.named, partial(self._call, prefix)),
            },
            module,
        )

    def _call(self, prefix: str, name: str, call: Json) -> Json:
        module = as_object(as_object(call).get("module"))
        variables = as_object(module.get("variables"))
        sensitive = {n for n, declared in variables.items() if as_object(declared).get("sensitive")}
        return self._shapes.fields(
            {
                **self._repetition(),
                "expressions": partial(self._expressions, lambda given: given in sensitive),
                "module": partial(self._module, f"{prefix}module.{name}."),
            },
            call,
        )

    def _declared(self, _: str, item: Json) -> Json:
        """A variable or an output."""
        shapes = self._shapes
        sensitive = bool(as_object(item).get("sensitive"))
        return shapes.fields(
            {
                "default": shapes.hidden if sensitive else shapes.shown,
                "expression": partial(self._expression, sensitive=sensitive),
                "description": shapes.shown,
                "deprecated": shapes.shown,
                "type": shapes.shown,
            },
            item,
        )

    def _block(self, prefix: str, block: Json) -> Json:
        """A resource, or an action."""
        marks = self._marks.get(f"{prefix}{as_object(block).get('address')}", False)
        names = marks if isinstance(marks, dict) else {}
        return self._shapes.fields(
            {
                **self._repetition(),
                "expressions": partial(
                    self._expressions, lambda name: marks is True or name in names
                ),
                "provisioners": self._shapes.told,
            },
            block,
        )

    def _repetition(self) -> dict[str, Callable[[Json], Json]]:
        plain = partial(self._expression, sensitive=False)
        return {"count_expression": plain, "for_each_expression": plain}

    def _expressions(self, sensitive: Callable[[str], bool], expressions: Json) -> Json:
        """Expressions by attribute name, or several blocks of them."""
        if isinstance(expressions, list):
            return [self._expressions(sensitive, block) for block in expressions]
        return self._shapes.named(
            lambda name, inner: self._expression(inner, sensitive=sensitive(name)), expressions
        )

    def _expression(self, found: Json, *, sensitive: bool) -> Json:
        """An attribute, or a nested block of them: constants are values, references are words."""
        match found:
            case {"references": list(), **others} if not others:
                return found
            case {"constant_value": constant, **others} if not others:
                return {"constant_value": self._shapes.hand.one(constant, marks=sensitive)}
            case dict():
                return {n: self._expression(v, sensitive=sensitive) for n, v in found.items()}
            case list():
                return [self._expression(inner, sensitive=sensitive) for inner in found]
            case _:
                return self._shapes.hand.one(found, marks=sensitive)
