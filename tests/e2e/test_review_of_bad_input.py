"""What cannot be read makes a change undecidable, with file and line; the other files are judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_review_lists_files import Repository, review

POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
BOMB = b"a0: &a0 [x, x]\n" + b"".join(
    b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.git("checkout", "-q", "-b", "change")
    return made


@pytest.mark.parametrize(
    ("path", "content", "line", "said"),
    [
        pytest.param(b"a.yaml", b"a: " + b"x" * (10 << 20), 0, "bytes", id="10 MB of YAML"),
        pytest.param(b"a.yaml", POD + b"---\na: 1\n" * 10_000, 1, "5000 documents", id="documents"),
        pytest.param(b"a.yaml", b"a: " + b"[" * 5_000, 1, "nested deeper", id="a nesting bomb"),
        pytest.param(b"a.yaml", BOMB, 1, "aliases expanded", id="an alias bomb"),
        pytest.param(b"a.yaml", b"a: 1\nb: \xc3", 2, "not UTF-8", id="half a UTF-8 sequence"),
        pytest.param(b"a.yaml", b"a: 1\na: 2\n", 2, "here again", id="a key twice"),
        pytest.param(b"a.tf", b'\nresource "a" "b" {\n  x = )\n}\n', 2, "not HCL", id="HCL syntax"),
        pytest.param(b"a.tf", b"a {\n" * 60 + b"}\n" * 60, 42, "deeper than 40", id="deep blocks"),
        pytest.param(b"a.tf", b'"a" {}\n' * 200_000, 1, "not HCL", id="1.4 MB of no HCL"),
        pytest.param(b"a.tf.json", b'{"resource": [' + b"[" * 90_000, 0, "nested", id="deep JSON"),
        pytest.param(b"k/kustomization.yaml", b"resources:\n- gone.yaml\n", 2, "gone.yaml", id="a gap"),
        pytest.param(b"Dockerfile", b"FROM a\nNONSENSE b\n", 2, "no instruction", id="an instruction"),
    ],
)  # fmt: skip
def test_it_says_where_and_what(
    repository: Repository, path: bytes, content: bytes, line: int, said: str
) -> None:
    repository.commit({path: content, b"other/main.tf": b'resource "aws_x" "seen" {}\n'})

    done = review(repository.directory)

    assert done.code == 2, done.out[:2000]
    place = f"{path.decode()}:{line}" if line else path.decode()
    told = [one for one in done.out.splitlines() if one.startswith("  not read") and place in one]
    assert any(said in one for one in told), done.out[:2000]
    assert "aws_x.seen" in done.out
    assert "Traceback" not in done.error
