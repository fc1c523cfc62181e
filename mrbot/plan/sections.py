"""Where a plan's JSON holds values, and which of them Terraform says are sensitive.

`rewritten` walks a plan and hands every value to a `Hand`, with its marks. What is no value stays:
actions, types, names of resources and attributes, versions. A section or field that is not known
here is handed over as sensitive, whole: the format may grow, and nobody said that it may be shown.
"""

from __future__ import annotations

from functools import partial

from mrbot.ids import Json
from mrbot.plan.configuration import Configuration
from mrbot.plan.document import marks_of
from mrbot.plan.shapes import Hand, Object, Shapes, as_object
from mrbot.resources.masking import Marks, either, fitted, marks_from


def rewritten(document: Object, hand: Hand) -> Object:
    """`document` with each of its values as `hand` leaves it."""
    return as_object(_Sections(document, hand).rewritten())


class _Sections:
    """One walk through one plan. Every method gives what stands for a part of it."""

    def __init__(self, document: Object, hand: Hand) -> None:
        self._document = document
        self._shapes = Shapes(hand)
        self._marks = _marks_by_address(document)

    def rewritten(self) -> Json:
        shapes = self._shapes
        deferred = partial(shapes.fields, {"resource_change": self._entry})
        invoked = partial(shapes.fields, {"action_invocation": self._invocation})
        return shapes.fields(
            {
                "variables": partial(shapes.named, self._variable),
                "planned_values": self._values,
                "prior_state": partial(
                    shapes.fields, {"values": self._values, "checks": shapes.told}
                ),
                "resource_changes": partial(shapes.each, self._entry),
                "resource_drift": partial(shapes.each, self._entry),
                "deferred_changes": partial(shapes.each, deferred),
                "output_changes": partial(
                    shapes.named, lambda _, change: self._change(change, named=False)
                ),
                "configuration": Configuration(shapes, self._marks).rewritten,
                "relevant_attributes": shapes.told,
                "checks": shapes.told,
                "action_invocations": partial(shapes.each, self._invocation),
                "deferred_action_invocations": partial(shapes.each, invoked),
            },
            self._document,
        )

    def _entry(self, entry: Json) -> Json:
        """A resource change."""
        change = partial(self._change, named=True)
        return self._shapes.fields({"change": change, "index": self._shapes.shown}, entry)

    def _change(self, change: Json, *, named: bool) -> Json:
        shapes, found = self._shapes, as_object(change)
        before, after = shapes.hand.pair(
            found.get("before"), found.get("after"), marks_of(found), named=named
        )
        marks = shapes.schema if named else shapes.shown
        return shapes.fields(
            {
                "before": lambda _: before,
                "after": lambda _: after,
                "replace_paths": shapes.shown,
                "importing": shapes.schema,
                "generated_config": shapes.shown,
                "before_identity": shapes.schema,
                "after_identity": shapes.schema,
                "after_unknown": marks,
                "before_sensitive": marks,
                "after_sensitive": marks,
            },
            change,
        )

    def _invocation(self, item: Json) -> Json:
        """An action that a provider would run."""
        shapes, found = self._shapes, as_object(item)
        marks = marks_from(found.get("config_sensitive", True))
        fitting = fitted(found.get("config_values"), marks)
        return shapes.fields(
            {
                "config_values": partial(shapes.hand.one, marks=fitting, named=True),
                "config_sensitive": shapes.schema,
                "config_unknown": shapes.schema,
                "lifecycle_action_trigger": shapes.told,
                "invoke_action_trigger": shapes.told,
            },
            item,
        )

    def _variable(self, name: str, variable: Json) -> Json:
        """The value of a variable, sensitive unless the configuration declares it harmless."""
        shapes = self._shapes
        root = as_object(as_object(self._document.get("configuration")).get("root_module"))
        declared = as_object(root.get("variables"))
        hide = name not in declared or bool(as_object(declared[name]).get("sensitive"))
        return shapes.fields({"value": shapes.hidden if hide else shapes.shown}, variable)

    def _values(self, values: Json) -> Json:
        """What is planned to be, or was."""
        shapes = self._shapes
        outputs = partial(shapes.named, self._output)
        return shapes.fields({"outputs": outputs, "root_module": self._module}, values)

    def _output(self, _: str, output: Json) -> Json:
        shapes = self._shapes
        harmless = as_object(output).get("sensitive") is False
        value = shapes.shown if harmless else shapes.hidden
        return shapes.fields({"value": value, "type": shapes.shown}, output)

    def _module(self, module: Json) -> Json:
        shapes = self._shapes
        return shapes.fields(
            {
                "resources": partial(shapes.each, self._resource),
                "child_modules": partial(shapes.each, self._module),
            },
            module,
        )

    def _resource(self, resource: Json) -> Json:
        """A resource with its values. Marks that any part of the plan has for it count here."""
        shapes, found = self._shapes, as_object(resource)
        values = found.get("values")
        own = fitted(values, marks_from(found.get("sensitive_values", True)))
        others = fitted(values, self._marks.get(str(found.get("address")), False))
        return shapes.fields(
            {
                "values": partial(shapes.hand.one, marks=either(own, others), named=True),
                "sensitive_values": shapes.schema,
                "identity": shapes.schema,
                "index": shapes.shown,
            },
            resource,
        )


def _marks_by_address(document: Object) -> dict[str, Marks]:
    """For each resource, all that any of its changes calls sensitive."""
    found: dict[str, Marks] = {}
    for section in ("resource_changes", "resource_drift"):
        entries = document.get(section)
        for entry in entries if isinstance(entries, list) else ():
            change = as_object(as_object(entry).get("change"))
            address = str(as_object(entry).get("address"))
            found[address] = either(found.get(address, False), marks_of(change))
    return found
