"""Strategic merge patches, as Kustomize merges them into Kubernetes' own kinds and others.

Mappings are merged, null deletes, and `$patch` says to delete or replace. Lists are replaced; only
those that Kubernetes' API says so of are merged, by the keys it names. Kustomize puts the patch's
items first.

Sources: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/,
https://github.com/kubernetes-sigs/kustomize/tree/master/kyaml/yaml/merge2
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mrbot.ids import Json
from mrbot.resources.kubernetes.lists import Keys, merged_by
from mrbot.resources.kustomize.json_patch import PatchError
from mrbot.resources.paths import Path

DIRECTIVE = "$patch"
_UNSUPPORTED = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys")


class _Gone:
    """In place of a value: there is none any more."""


_GONE = _Gone()
_Outcome = Json | _Gone


@dataclass(slots=True)
class Merge:
    """One patch merged into an object of one kind. `doubts` are the paths, through mappings, at
    which what came out is not known for certain."""

    api_version: str
    kind: str
    doubts: list[Path] = field(default_factory=list)

    def merged(self, value: dict[str, Json], patch: dict[str, Json]) -> dict[str, Json] | None:
        """`value` after `patch`; None where the patch deletes it.

        Raises: PatchError.
        """
        found = self._map(value, patch, (), ())
        return found if isinstance(found, dict) else None

    def _value(self, old: Json, patch: Json, fields: tuple[str, ...], place: Path) -> _Outcome:
        """`fields` are the keys to here, `place` those before the first list."""
        if isinstance(patch, dict) and (old is None or isinstance(old, dict)):
            return self._map(old, patch, fields, place)
        if isinstance(patch, list) and (old is None or isinstance(old, list)):
            keys, certain = merged_by(self.api_version, self.kind, fields)
            if not certain:
                self._doubt(place)
            return patch if keys is None else self._list(old or [], patch, keys, fields, place)
        if isinstance(old, dict | list) or (isinstance(patch, dict | list) and old is not None):
            raise PatchError(f"{'.'.join(fields)[:200]} is of another type")
        return patch

    def _map(
        self,
        old: dict[str, Json] | None,
        patch: dict[str, Json],
        fields: tuple[str, ...],
        place: Path,
    ) -> _Outcome:
        directive = patch.get(DIRECTIVE)
        if directive == "delete":
            return _GONE
        if directive not in (None, "merge", "replace"):
            raise PatchError(f"the directive {DIRECTIVE}: {str(directive)[:100]}")
        result = {} if old is None or directive == "replace" else {**old}
        in_list = len(fields) > len(place)
        for key, inner in patch.items():
            if key == DIRECTIVE:
                continue
            if key.startswith(_UNSUPPORTED):
                self._doubt(place)
                continue
            inside = place if in_list else (*place, key)
            new = (
                _GONE
                if inner is None
                else self._value(result.get(key), inner, (*fields, key), inside)
            )
            if isinstance(new, _Gone):
                result.pop(key, None)
            else:
                result[key] = new
        return result

    def _list(
        self, old: list[Json], patch: list[Json], keys: Keys, fields: tuple[str, ...], place: Path
    ) -> _Outcome:
        whole, rest = _whole(patch)
        if whole == "delete":
            return _GONE
        if whole == "replace":
            return rest
        if not keys:
            words = {item for item in rest if isinstance(item, str)}
            return [
                *rest,
                *(item for item in old if not isinstance(item, str) or item not in words),
            ]
        names = _names([*old, *rest], keys)
        ours, theirs = _by_name(old, names or keys), _by_name(rest, names or keys)
        if names is None or ours is None or theirs is None:
            self._doubt(place)
            return [*rest, *old]
        result: list[Json] = []
        for name, item in theirs.items():
            if item.get(DIRECTIVE) == "replace" and name in ours:
                self._doubt(place)  # Kustomize puts the old one back
            new = self._map(ours.get(name), item, (*fields, "[]"), place)
            if not isinstance(new, _Gone) and new:
                result.append(new)
        result.extend(item for name, item in ours.items() if name not in theirs)
        return result

    def _doubt(self, place: Path) -> None:
        if place not in self.doubts:
            self.doubts.append(place)


def touched(patch: dict[str, Json], place: Path = ()) -> list[Path]:
    """The paths, through mappings, that a patch may alter; all of it where it deletes."""
    if DIRECTIVE in patch or any(key.startswith(_UNSUPPORTED) for key in patch):
        return [place]
    found: list[Path] = []
    for key, inner in patch.items():
        if isinstance(inner, dict) and inner:
            found.extend(touched(inner, (*place, key)))
        else:
            found.append((*place, key))
    return found


def _whole(patch: list[Json]) -> tuple[str, list[Json]]:
    """What an item that is only a directive says of the whole list, and the other items."""
    for index, item in enumerate(patch):
        if isinstance(item, dict) and DIRECTIVE in item:
            if len(item) > 1:
                break
            return str(item[DIRECTIVE]), [*patch[:index], *patch[index + 1 :]]
    return "merge", patch


def _names(items: list[Json], keys: Keys) -> Keys | None:
    """Those of `keys` that tell the items apart: all, or the first where no item has another.
    None where some have it and some do not: then it is not known for certain."""
    others = [key for key in keys[1:] for item in items if isinstance(item, dict) and key in item]
    if not others:
        return keys[:1]
    return keys if len(others) == len(items) * (len(keys) - 1) else None


def _by_name(items: list[Json], keys: Keys) -> dict[tuple[str, ...], dict[str, Json]] | None:
    """The items by what they hold at `keys`; None where one lacks them, or two are alike."""
    found: dict[tuple[str, ...], dict[str, Json]] = {}
    for item in items:
        values = [item.get(key) for key in keys] if isinstance(item, dict) else [None]
        name = tuple(str(value) for value in values if isinstance(value, str | int) and value != "")
        if not isinstance(item, dict) or len(name) < len(keys) or name in found:
            return None
        found[name] = item
    return found
