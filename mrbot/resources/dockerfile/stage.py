"""What the instructions of one Dockerfile stage tell, gathered one by one.

Source: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mrbot.ids import Json
from mrbot.resources.dockerfile.text import Instruction
from mrbot.resources.dockerfile.words import (
    MalformedError,
    Word,
    arguments,
    assignments,
    blank_separated,
    definitions,
    json_array,
    unquoted,
)
from mrbot.resources.model import SENSITIVE
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths
from mrbot.resources.text.named_values import Style
from mrbot.resources.text.secrets import redacted

_KNOWN = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"}
    | {"MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_NO_TRIGGER = frozenset({"FROM", "MAINTAINER", "ONBUILD"})
_WITH_NAMES = frozenset({"ARG", "ENV", "LABEL"})
_Named = dict[str, Word | None]
"""Words by name; None where a name has no value."""
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")


@dataclass(slots=True, kw_only=True)
class Part:
    """A stage, or what is before the first one, while it is gathered.

    `name` is how it is called; `names` are those of all stages so far, shared between them.
    `unknown` and `hidden` are paths in its value. What is hidden is so by name, never by position:
    an instruction that comes to stand where a secret stood must not be hidden with it.
    """

    name: str
    line: int
    escape: str
    names: set[str]
    value: dict[str, Json] = field(default_factory=dict)
    unknown: list[Path] = field(default_factory=list)
    hidden: list[Path] = field(default_factory=list)
    _user: Word | None = None
    _ports: list[Word] = field(default_factory=list)
    _named: dict[str, _Named] = field(default_factory=dict)
    _instructions: list[Json] = field(default_factory=list)
    _secrets: dict[str, list[Json]] = field(default_factory=dict)

    def take(self, instruction: Instruction) -> None:
        """`instruction` is part of it.

        Raises: MalformedError when it tells nothing that can be read; it is hidden then.
        """
        name, text = instruction.name, instruction.text
        if name not in _KNOWN:
            self._keep(SENSITIVE, SENSITIVE, {"unknown": [f"{name} {text}"]})
            raise MalformedError("no instruction of a Dockerfile")
        try:
            secret = self._tell(name, text)
        except MalformedError as error:
            self._keep(name, SENSITIVE, {name: [text]})
            raise MalformedError(f"{name}: {error}") from error
        if secret:
            self._keep(name, SENSITIVE, {name: [text]})
        else:
            self._keep(name, self._redacted(text), {})

    def finish(self) -> None:
        """`value`, `unknown` and `hidden` tell of all that was taken."""
        if self._user is not None:
            self.value["user"] = self._known(self._user, "user")
        if self._ports:
            ports = enumerate(self._ports)
            self.value["expose"] = [self._known(word, "expose", i) for i, word in ports]
        for what, named in self._named.items():
            pairs = named.items()
            self.value[what] = {name: self._known(word, what, name) for name, word in pairs}
            self.hidden += ((what, name) for name, word in pairs if _is_secret(name, word))
            self.hidden += ((what, *path) for path in secret_paths(self.value[what]))
        self.value["instructions"] = self._instructions
        if self._secrets:
            self.value["secrets"] = {name: [*texts] for name, texts in self._secrets.items()}
            self.hidden += (("secrets", name) for name in self._secrets)

    def _keep(self, name: str, text: str, secrets: Mapping[str, list[Json]]) -> None:
        """An instruction is shown as `name` and `text`, and its `secrets` are not."""
        self._instructions.append([name, text])
        for what, texts in secrets.items():
            self._secrets.setdefault(what, []).extend(texts)

    def _redacted(self, text: str) -> str:
        """`text` without the secrets in it, which are kept."""
        found = redacted(text.split("\n"), Style.WORD)
        for name, texts in found.secrets.items():
            self._secrets.setdefault(name, []).extend(texts if isinstance(texts, list) else [texts])
        return "\n".join(map(str, found.lines))

    def _tell(self, name: str, text: str) -> bool:
        """What an instruction says beside its text is kept; whether its text has a secret is
        returned."""
        if not text:
            raise MalformedError("nothing follows")
        named: _Named = {}
        match name:
            case "FROM":
                self._from(blank_separated(text))
            case "USER":
                self._user = unquoted(text, self.escape)
            case "EXPOSE":
                self._ports += (unquoted(port, self.escape) for port in blank_separated(text))
            case "CMD" | "ENTRYPOINT":
                self.value[name.lower()] = self._command(text)
            case "ARG" | "ENV" | "LABEL":
                named = _names(name, text, self.escape)
                self._named.setdefault(name.lower(), {}).update(named)
            case "ONBUILD":  # holds for the images built on this one only
                named = _triggered(text, self.escape)
            case _:
                pass  # its text says it all
        return any(_is_secret(key, word) for key, word in named.items())

    def _from(self, words: list[str]) -> None:
        platform = None
        if words[0].startswith("--platform="):
            flag = unquoted(words.pop(0).removeprefix("--platform="), self.escape)
            platform = self._known(flag, "from", "platform")
        image, *rest = words or [""]
        if not image or image.startswith("--"):
            raise MalformedError("takes an image, and before it one --platform=")
        if rest and (len(rest) != 2 or rest[0].upper() != "AS"):
            raise MalformedError("takes an image, and AS with a name")
        self.value["from"] = {**self._image(image), "platform": platform}
        if rest:
            name = rest[1].lower()
            if not _STAGE_NAME.fullmatch(name):
                raise MalformedError("a name that a stage cannot have")
            self.name = name
            self.names.add(name)

    def _image(self, text: str) -> dict[str, Json]:
        """The parts of an image's name; all of it as `image` where a variable is in it."""
        word = unquoted(text, self.escape)
        image, tag, digest = word.text, "", ""
        if word.variable:
            self.unknown += (("from", part) for part in ("image", "tag", "digest"))
        else:
            image, _, digest = image.partition("@")
            colon = image.find(":", image.rfind("/") + 1)  # one before a slash is a port's
            if colon >= 0:
                image, tag = image[:colon], image[colon + 1 :]
        stage = word.text.lower() in self.names
        return {"image": image, "tag": tag or None, "digest": digest or None, "stage": stage}

    def _command(self, text: str) -> list[Json] | str:
        """A command as strings where it is written so, else as the text that a shell is given."""
        array = json_array(text)
        if array is None:
            return self._redacted(text)
        words = [self._redacted(item) for item in array if isinstance(item, str)]
        if len(words) < len(array):
            raise MalformedError("an array of other things than strings")
        return [*words]

    def _known(self, word: Word | None, *place: str | int) -> str | None:
        """The text of `word`; where it has none of its own, `place` is unknown."""
        if word is None or word.variable:
            self.unknown.append(place)
        return None if word is None else word.text


def _names(name: str, text: str, escape: str) -> _Named:
    """The names and values that ARG, ENV or LABEL gives."""
    found = dict((definitions if name == "ARG" else assignments)(text, escape))
    if not found:
        raise MalformedError("nothing is named")
    return found


def _triggered(text: str, escape: str) -> _Named:
    """The names and values in what ONBUILD adds to other images."""
    name, text = arguments(text)
    if name not in _KNOWN or name in _NO_TRIGGER:
        raise MalformedError("takes another instruction")
    return _names(name, text, escape) if name in _WITH_NAMES else {}


def _is_secret(name: str, word: Word | None) -> bool:
    """Whether `word` is one, by its name or by its shape."""
    if word is None or not word.literal:
        return False
    return is_secret_name(name) or bool(redacted([word.text], Style.NAMELESS).secrets)
