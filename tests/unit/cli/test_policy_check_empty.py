"""What a file that holds nothing, or an expression that is none, does to the commands for policies."""

from __future__ import annotations

import pytest

from tests import needs
from tests.unit.cli.test_output import CHECK, _run, folder

__all__ = ["folder"]


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", "---\n---\n"])
def test_a_file_without_a_document_passes_and_is_told(folder, content) -> None:
    (folder / "a.yaml").write_text(content)

    done = _run(folder, "", *CHECK)

    assert done.stderr == "mrbot: a.yaml holds no document: policies saw only null in its place\n"
    assert done.returncode == 0


def test_a_list_of_no_documents_passes_and_is_told(folder) -> None:
    (folder / "a.yaml").write_text("[]\n")

    done = _run(folder, "", *CHECK)

    assert done.stderr == "mrbot: a.yaml holds no document: nothing was checked\n"
    assert done.returncode == 0


def test_of_a_file_with_a_document_nothing_is_told(folder) -> None:
    assert _run(folder, "", *CHECK).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((*CHECK, "--ignore", "a("), 1, "mrbot: --ignore 'a(' is not a regular expression: "),
        (
            ("policy", "test", "policy", "--engine", "regorus", "--run", "a("),
            2,
            "mrbot: --run 'a(' is not a regular expression: ",
        ),
    ],
)
def test_a_malformed_expression_is_told_once(folder, arguments, code, told) -> None:
    needs.regorus()

    done = _run(folder, "", *arguments)

    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(told)
    assert done.returncode == code
