"""The pages: they show what there is, and nothing that people wrote becomes markup."""

from __future__ import annotations

import pytest
import requests

from mrbot.sandbox.markdown import render
from tests.unit.sandbox.conftest import GITHUB, GITLAB, Place

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.fixture
def scene(place: Place) -> Place:
    box = place.sandbox
    box.commit(GITLAB, "feature", {f"{'x' * 10}.tf": EVIL}, author="alice", message=EVIL)
    box.open_change(GITLAB, "alice", "feature", title=EVIL, description=EVIL, labels=[EVIL])
    box.comment(GITLAB, 1, "mrbot", f"**bold** {EVIL}")
    box.approve(GITLAB, 1, "bob")
    box.commit(GITHUB, "feature", {"a.tf": "x"}, author="alice")
    box.open_change(GITHUB, "alice", "feature")
    box.review(GITHUB, 1, "bob", "CHANGES_REQUESTED", EVIL)
    box.add_hook(GITLAB, "http://127.0.0.1:1/hook", secret="s3cret")
    box.tick()
    return place


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "acme/infra"),
        (f"/{GITLAB}", "Merge requests"),
        (f"/{GITHUB}", "Pull requests"),
        (f"/{GITLAB}/-/merge_requests/1", "<strong>bold</strong>"),
        (f"/{GITHUB}/pull/1", "changes requested"),
        (f"/{GITLAB}/-/hooks", "http://127.0.0.1:1/hook"),
    ],
)
def test_a_page_shows_what_there_is_and_no_markup_of_others(
    scene: Place, path: str, text: str
) -> None:
    answer = requests.get(f"{scene.sandbox.url}{path}", timeout=5)
    assert answer.status_code == 200
    assert text in answer.text
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "s3cret" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_commits_and_pipelines_have_pages(scene: Place) -> None:
    shown = scene.gitlab()("GET", "/projects/acme%2Finfra/merge_requests/1").json()
    for path in (f"commit/{shown['sha']}", f"pipelines/{shown['head_pipeline']['id']}"):
        answer = requests.get(f"{scene.sandbox.url}/{GITLAB}/-/{path}", timeout=5)
        assert answer.status_code == 200
        assert "<script" not in answer.text


@pytest.mark.parametrize("path", ["/no/such", f"/{GITLAB}/-/merge_requests/9", f"/{GITLAB}/x"])
def test_what_is_not_there_is_not_found(scene: Place, path: str) -> None:
    assert requests.get(f"{scene.sandbox.url}{path}", timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("plain", "<p>plain</p>"),
        ("# Head", "<h2>Head</h2>"),
        ("a\nb", "<p>a<br>b</p>"),
        ("**b** and *i* and ~~d~~",
         "<p><strong>b</strong> and <em>i</em> and <del>d</del></p>"),
        ("`<b>` & `**x**`", "<p><code>&lt;b&gt;</code> &amp; <code>**x**</code></p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("\\*not\\*", "<p>*not*</p>"),
        ("&#64;team &lt;", "<p>&#64;team &lt;</p>"),
        ("[t](https://x.io/a_b_c)",
         '<p><a href="https://x.io/a_b_c" rel="nofollow noreferrer">t</a></p>'),
        ("[t](javascript:x)", "<p>[t](javascript:x)</p>"),
        ('[t](https://x"onclick="y)',
         '<p><a href="https://x&#34;onclick=&#34;y" rel="nofollow noreferrer">t</a></p>'),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- [x] a", "<ul><li>☑ a</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("```\n<x>\n# no\n```", "<pre><code>&lt;x&gt;\n# no</code></pre>"),
        ("````\n```\n````", "<pre><code>```</code></pre>"),
        ("```diff\n+a\n```", '<pre><code><span class="add">+a</span></code></pre>'),
        ("<details><summary>S</summary>\n\nx\n\n</details>",
         "<details><summary>S</summary>\n<p>x</p>\n</details>"),
        ("<details onclick=x><summary><b>S</b></summary></details>",
         "<details><summary>&lt;b&gt;S&lt;/b&gt;</summary></details>"),
        ("<!-- hidden -->shown", "<p>shown</p>"),
        ("> [!TIP]\n> x",
         '<blockquote class="tip"><p><strong>Tip</strong></p><p>x</p></blockquote>'),
        ("---", "<hr>"),
    ],
)  # fmt: skip
def test_markdown_is_rendered_and_everything_else_escaped(text: str, html: str) -> None:
    assert render(text) == html


def test_a_table_has_heads_and_cells() -> None:
    html = render("| a | b |\n| --- | :-: |\n| `x\\|y` | <i> |")
    assert '<th scope="col">a</th>' in html
    assert "<td><code>x|y</code></td><td>&lt;i&gt;</td>" in html


@pytest.mark.parametrize("text", ["*" * 3000, "[" * 3000, "`" * 3001, "> " * 3000, "- " * 3000,
                                  "<details>" * 500, "_a" * 3000, "|" * 3000 + "\n|-|\n"],
                         ids=range(8))  # fmt: skip
def test_hostile_markdown_ends(text: str) -> None:
    assert "<script" not in render(text)
