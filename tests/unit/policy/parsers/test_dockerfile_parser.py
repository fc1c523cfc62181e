from __future__ import annotations

import pytest

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.parsers import parse


def commands(text: str) -> list[Json]:
    match parse("dockerfile", text.encode(), "Dockerfile"):
        case [list() as found]:
            return found
        case other:
            pytest.fail(f"not one list in a list: {other}")


def command(name: str, value: list[str] | None, **other: Json) -> Json:
    made: dict[str, Json] = {"Cmd": name, "SubCmd": "", "JSON": False, "Flags": [], "Stage": 0}
    return {**made, "Value": None if value is None else [*value], **other}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ARG V=1 W", command("arg", ["V=1", "W"])),
        ("RUN a && \\\n  # inner\n  b", command("run", ["a &&   b"])),
        ('RUN ["a", "b"]', command("run", ["a", "b"], JSON=True)),
        ("RUN [ -f x ]", command("run", ["[ -f x ]"])),
        ("run x", command("run", ["x"])),
        (
            "RUN --mount=type=cache,target=/x --network=none foo",
            command("run", ["foo"], Flags=["--mount=type=cache,target=/x", "--network=none"]),
        ),
        ("RUN --mount='a b' foo", command("run", ["foo"], Flags=["--mount=a b"])),
        ("RUN -- --x", command("run", ["--x"])),
        ("RUN <<EOF\necho\nEOF", command("run", ["<<EOF"])),
        ("COPY <<A <<B /d\nx\nA\ny\nB", command("copy", ["<<A", "<<B", "/d"])),
        ('ENV A=1 B="x y"', command("env", ["A", "1", "=", "B", '"x y"', "="])),
        ("ENV OLD some  value", command("env", ["OLD", "some  value", ""])),
        ("LABEL a=b", command("label", ["a", "b", "="])),
        ("COPY --from=b x /c", command("copy", ["x", "/c"], Flags=["--from=b"])),
        ('ADD ["a b", "c"]', command("add", ["a b", "c"], JSON=True)),
        ("EXPOSE 80   443/tcp", command("expose", ["80", "443/tcp"])),
        (
            "HEALTHCHECK --interval=5s CMD curl x",
            command("healthcheck", ["CMD", "curl x"], Flags=["--interval=5s"]),
        ),
        ('HEALTHCHECK CMD ["a"]', command("healthcheck", ["CMD", "a"], JSON=True)),
        ("HEALTHCHECK NONE", command("healthcheck", ["NONE"])),
        ("ONBUILD COPY --from=x a b", command("onbuild", ["a", "b"], SubCmd="COPY")),
        ('ONBUILD CMD ["x"]', command("onbuild", ["x"], SubCmd="CMD", JSON=True)),
        ("WORKDIR /a b", command("workdir", ["/a b"])),
        ("VOLUME /a /b", command("volume", ["/a", "/b"])),
        ("CMD []", command("cmd", None, JSON=True)),
        ("RUN", command("run", None, Flags=None)),
    ],
)
def test_an_instruction_is_split_as_buildkit_splits_it(line: str, expected: Json) -> None:
    assert commands(f"FROM a\n{line}\n")[1] == expected


def test_stages_are_counted_and_comments_are_commands_before_what_they_stand_above() -> None:
    text = (
        "# syntax=docker/dockerfile:1\n# one\nARG V\n# lost\n#\n# two\nFROM a AS b\nFROM c\n# end\n"
    )

    assert commands(text) == [
        command("comment", ["one"], Flags=None),
        command("arg", ["V"]),
        command("comment", ["two"], Flags=None, Stage=0),
        command("from", ["a", "AS", "b"]),
        command("from", ["c"], Stage=1),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Dockerfile: a Dockerfile without an instruction"),
        ("# x\n", "Dockerfile: a Dockerfile without an instruction"),
        ("FROM a\nFOO b\n", "Dockerfile:2: FOO: there is no such instruction"),
        ("FROM a\nCMD [1]\n", "Dockerfile:2: CMD: a JSON array here holds strings only"),
        ("FROM a\nLABEL x\n", "Dockerfile:2: LABEL: LABEL takes a name and a value"),
        ("FROM a\nENV a=b c\n", "Dockerfile:2: ENV: c is no name=value"),
        ('FROM a\nARG "x\n', "Dockerfile:2: ARG: a quote that does not end"),
        ("FROM a\nRUN <<E\n", "Dockerfile:2: the here-document E does not end"),
    ],
)
def test_what_is_no_dockerfile_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        commands(text)

    assert str(caught.value) == said
