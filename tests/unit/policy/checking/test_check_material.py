from __future__ import annotations

import os
from pathlib import Path

import pytest

from mrbot.errors import BadInput
from mrbot.policy.checking import walk
from mrbot.policy.checking.material import Input, data, inputs, policies
from mrbot.policy.data import DataFile, merged


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)


def read(*paths: str, parser: str | None = None, ignore: str | None = None) -> tuple[Input, ...]:
    return inputs(paths, parser=parser, ignore=ignore, stdin_name=None)


def test_a_folder_gives_every_file_that_has_a_parser_hidden_ones_too() -> None:
    put({"d/b.yaml": "a: 1", "d/a.txt": "x", "d/.hid/c.json": "2", "d/Dockerfile": "FROM a\n"})

    assert [one.path for one in read("d")] == ["d/.hid/c.json", "d/Dockerfile", "d/b.yaml"]


def test_what_is_to_be_ignored_is_passed_over_and_an_empty_name_is_nothing() -> None:
    put({"d/child/a.yaml": "{", "d/b.yaml": "a: 1"})

    assert [one.path for one in read("d", "", ignore="child/")] == ["d/b.yaml"]


def test_a_file_that_is_named_twice_is_judged_once() -> None:
    put({"d/a.yaml": "a: 1"})

    assert len(read("d/a.yaml", "d/a.yaml", "d")) == 1


def test_links_are_followed_and_circles_end() -> None:
    put({"d/a.yaml": "a: 1", "other/b.yaml": "b: 1"})
    Path("d/link").symlink_to("../other")
    Path("other/back").symlink_to("../d")

    assert [one.path for one in read("d")] == ["d/a.yaml", "d/link/b.yaml"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda: Path("d/a.yaml").symlink_to("a.yaml"), "symbolic links", id="loop"),
        pytest.param(lambda: Path("d/a.yaml").symlink_to("gone"), "No such file", id="broken-link"),
        pytest.param(lambda: os.mkfifo("d/a.yaml"), "this is no file", id="pipe"),
        pytest.param(lambda: Path("d/a.cue").write_text("a: 1"), "the format cue", id="format"),
        pytest.param(lambda: Path("d/a.yaml").write_bytes(b"\xff\0"), "not UTF-8", id="binary"),
        pytest.param(lambda: Path("d/x.md").write_text("a"), "no file to judge", id="nothing"),
    ],
)
def test_what_cannot_be_judged_is_an_error_and_not_passed_over(make, said: str) -> None:
    Path("d").mkdir()
    make()

    with pytest.raises(BadInput, match=said):
        read("d")


@pytest.mark.parametrize(
    ("path", "parser", "said"),
    [
        ("gone.yaml", None, r"gone\.yaml: cannot be read: No such file"),
        ("notes", None, r"notes: its name does not say what it is: say --parser"),
        ("notes", "nonsense", r"notes: there is no parser 'nonsense'"),
        ("a\0b.yaml", None, "cannot be read"),
    ],
)
def test_an_input_that_cannot_be_read_is_told(path: str, parser: str | None, said: str) -> None:
    put({"notes": "a: 1"})

    with pytest.raises(BadInput, match=said):
        read(path, parser=parser)


def test_every_bad_input_is_told_at_once() -> None:
    put({"a.yaml": "a: [", "b.json": "{"})

    with pytest.raises(BadInput) as caught:
        read("a.yaml", "b.json")

    assert [one.path for one in caught.value.problems] == ["a.yaml", "b.json"]


def test_a_bad_expression_to_ignore_is_told() -> None:
    put({"d/a.yaml": "a: 1"})

    with pytest.raises(BadInput, match=r"--ignore '\[' is not a regular expression"):
        read("d", ignore="[")


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_FILES", 2)
    put({f"d/{n}.json": "1" for n in range(3)})

    with pytest.raises(BadInput, match="more than 2 files"):
        read("d")


def test_policies_are_folders_and_files_each_once_tests_and_data_with_them() -> None:
    put({"p/a.rego": "package main", "p/a_test.rego": "", "p/sub/data.yaml": "", "q.rego": ""})
    Path("p/again.rego").symlink_to("a.rego")

    assert sorted(policies(["p", "q.rego", "p/a.rego"])) == [
        "p/a.rego",
        "p/a_test.rego",
        "p/sub/data.yaml",
        "q.rego",
    ]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone", "gone: cannot be read: No such file"),
        ("gone.rego", r"gone\.rego: cannot be read: No such file"),
        ("empty", "there is no policy in empty"),
        ("tests", "there is no policy in tests"),
        ("file.txt", r"file\.txt: a policy is a folder or a \.rego file"),
    ],
)
def test_policies_that_are_not_there_are_told(path: str, said: str) -> None:
    put({"empty/x.md": "", "file.txt": "", "tests/a_test.rego": "package main"})

    with pytest.raises(BadInput, match=said):
        policies([path])


def test_data_lies_below_its_folders_and_its_prefix() -> None:
    put({"d/top.yaml": "a: 1", "d/x/y.json": '{"b": 2}', "d/x/z.yml": "c: yes", "d/n.txt": ""})

    value, problems = merged([*data(["d"]), *data(["p.q:d/x/y.json"])])

    assert problems == ()
    assert value == {"a": 1, "x": {"b": 2, "c": True}, "p": {"q": {"b": 2}}}


def test_data_that_is_given_twice_is_no_conflict_with_itself() -> None:
    put({"d/a.json": '{"a": 1}'})

    assert merged(data(["d", "d/a.json", "./d"])) == ({"a": 1}, ())


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (b'{"a": {"b": 1}}', b'{"a": {"b": 1}}', "two.json: data.a.b is in one.json as well"),
        (b'{"a": 1}', b'{"a": {"b": 1}}', "two.json: data.a is in one.json as well"),
        (b'{"a": {"b": 1}}', b'{"a": [1]}', "two.json: data.a is in one.json as well"),
    ],
)
def test_two_files_that_say_the_same_key_are_a_conflict(
    first: bytes, second: bytes, said: str
) -> None:
    files = [DataFile(path="one.json", content=first), DataFile(path="two.json", content=second)]

    _, (problem,) = merged(files)

    assert str(problem).startswith(said)


def test_objects_of_several_files_are_one_object_and_no_file_is_changed() -> None:
    files = [
        DataFile(path="a.json", content=b'{"k": {"a": {"x": 1}}}'),
        DataFile(path="b.json", content=b'{"k": {"a": {"y": 2}, "b": {}}}'),
        DataFile(path="c.json", content=b'{"z": 3}', under=("k", "b")),
    ]

    assert merged(files) == ({"k": {"a": {"x": 1, "y": 2}, "b": {"z": 3}}}, ())


def test_data_of_another_kind_is_refused() -> None:
    put({"a.toml": "a = 1"})

    with pytest.raises(BadInput, match=r"a\.toml: data is a folder, a \.json or a \.yaml file"):
        data(["a.toml"])
