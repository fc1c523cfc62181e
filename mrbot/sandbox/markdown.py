"""Markdown as HTML for the sandbox's pages: a small, safe part of what the hosts render.

Everything is escaped first; only tags that this module writes reach the page. Rendered: headings,
paragraphs, lists, tables, quotes and alerts, fenced code (`diff` in colours), rules, details, and
inline code, bold, italics, strikes and links. Anything else is shown as it was written.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_ITEM = re.compile(r"^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$")
_RULE = re.compile(r"^ {0,3}([-*_])(?:\s*\1){2,}\s*$")
_DIVIDER = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_ALERT = re.compile(r"^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*$")
_TAG = re.compile(r"^\s*</?(details|summary)\b[^>]*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\[]*)\]\(\s*(?:&lt;)?([^)\s]+?)(?:&gt;)?\s*\)")
_BARE = re.compile(r"(?<![\"'=\w/])(https?://[^\s<>\"')\]]+)")
_CODE = re.compile(r"(`+)(.+?)\1")
_INLINE = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), "strong"),
    (re.compile(r"__(?=\S)(.+?)(?<=\S)__"), "strong"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?![\w*])"), "em"),
    (re.compile(r"(?<!\w)_(?=[^\s_])(.+?)(?<=[^\s_])_(?!\w)"), "em"),
    (re.compile(r"~~(.+?)~~"), "del"),
)
_SAFE_URL = re.compile(r"^(https?://|mailto:|/|#|\.)", re.IGNORECASE)
_ENTITY = re.compile(r"&amp;(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]{2,20});")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~@:/&$\"'=^%,;?])")
_DEPTH_LIMIT = 8


def render(text: str) -> Markup:
    """The text as HTML that is safe to put into a page."""
    lines = _COMMENT.sub("", text.replace("\0", "")).replace("\r\n", "\n").split("\n")
    return Markup("\n".join(_blocks(lines, 0)))  # noqa: S704 - every part was escaped or is ours


def _blocks(lines: list[str], depth: int) -> list[str]:
    out: list[str] = []
    at = 0
    while at < len(lines):
        taken, html = _block(lines, at, depth)
        out.append(html)
        at += taken
    return [part for part in out if part]


def _block(lines: list[str], at: int, depth: int) -> tuple[int, str]:
    """How many lines the block at `at` takes, and its HTML."""
    line = lines[at]
    if not line.strip():
        return 1, ""
    fence = _FENCE.match(line)
    if fence:
        return _code(lines, at, fence[1], fence[2])
    if _TAG.match(line):
        return 1, _details(line)
    heading = _HEADING.match(line)
    if heading:
        level = min(len(heading[1]) + 1, 6)
        return 1, f"<h{level}>{_inline(heading[2])}</h{level}>"
    if _RULE.match(line):
        return 1, "<hr>"
    if line.lstrip().startswith(">") and depth < _DEPTH_LIMIT:
        return _quote(lines, at, depth)
    if "|" in line and at + 1 < len(lines) and _DIVIDER.match(lines[at + 1]):
        return _table(lines, at)
    if _ITEM.match(line) and depth < _DEPTH_LIMIT:
        return _list(lines, at, depth)
    return _paragraph(lines, at)


def _code(lines: list[str], at: int, mark: str, language: str) -> tuple[int, str]:
    end = at + 1
    while end < len(lines) and not _closes(lines[end].strip(), mark):
        end += 1
    inner = lines[at + 1 : end]
    shown = [_coloured(line) if language == "diff" else str(escape(line)) for line in inner]
    return end - at + 1, f"<pre><code>{chr(10).join(shown)}</code></pre>"


def _closes(line: str, mark: str) -> bool:
    return line.startswith(mark) and not line.strip(mark[0])


def _coloured(line: str) -> str:
    kind = {"+": "add", "-": "cut", "@": "at", "!": "mark", "#": "note"}.get(line[:1])
    return f'<span class="{kind}">{escape(line)}</span>' if kind else str(escape(line))


def _details(line: str) -> str:
    out = line.strip()
    out = _SUMMARY.sub(lambda found: f"\0{_inline(found[1])}\1", out)
    parts = re.split(r"(</?details[^>]*>|</?summary>)", out, flags=re.IGNORECASE)
    html = ""
    for part in parts:
        word = part.lower()
        if word.startswith("<details"):
            html += "<details open>" if " open" in word else "<details>"
        elif word in ("</details>", "<summary>", "</summary>"):
            html += word
        elif part.startswith("\0"):
            html += f"<summary>{part[1:].replace(chr(1), '</summary>')}"
        else:
            html += _inline(part) if part.strip() else ""
    return html


def _quote(lines: list[str], at: int, depth: int) -> tuple[int, str]:
    end = at
    while end < len(lines) and lines[end].lstrip().startswith(">"):
        end += 1
    inner = [re.sub(r"^\s*> ?", "", line) for line in lines[at:end]]
    alert = _ALERT.match(inner[0].strip())
    if alert:
        kind = alert[1]
        body = "\n".join(_blocks(inner[1:], depth + 1))
        title = f"<p><strong>{kind.title()}</strong></p>"
        return end - at, f'<blockquote class="{kind.lower()}">{title}{body}</blockquote>'
    body = "\n".join(_blocks(inner, depth + 1))
    return end - at, f"<blockquote>{body}</blockquote>"


def _cells(line: str) -> list[str]:
    bare = line.strip().strip("|") if not line.strip().endswith("\\|") else line.strip().lstrip("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", bare)]


def _table(lines: list[str], at: int) -> tuple[int, str]:
    end = at + 2
    while end < len(lines) and "|" in lines[end] and lines[end].strip():
        end += 1
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in _cells(lines[at]))
    rows = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in _cells(line)) + "</tr>"
        for line in lines[at + 2 : end]
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return (
        end - at,
        f'<div class="scroll" tabindex="0" role="region" aria-label="Table">{table}</div>',
    )


def _list(lines: list[str], at: int, depth: int) -> tuple[int, str]:
    first = _ITEM.match(lines[at])
    indent = len(first[1]) if first else 0
    tag = "ol" if first and first[2] else "ul"
    items: list[list[str]] = []
    end = at
    while end < len(lines):
        found = _ITEM.match(lines[end])
        if found and len(found[1]) <= indent:
            if bool(found[2]) != (tag == "ol") or len(found[1]) < indent:
                break
            items.append([found[3]])
        elif lines[end].strip() and (lines[end].startswith(" " * (indent + 2)) or found):
            items[-1].append(lines[end][indent + 2 :])
        elif not lines[end].strip() and _continues(lines, end, indent):
            items[-1].append("")
        else:
            break
        end += 1
    inner = "".join(f"<li>{_item(item, depth)}</li>" for item in items)
    return end - at, f"<{tag}>{inner}</{tag}>"


def _continues(lines: list[str], at: int, indent: int) -> bool:
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return following.startswith(" " * (indent + 2)) or bool(
        (found := _ITEM.match(following)) and len(found[1]) == indent
    )


def _item(lines: list[str], depth: int) -> str:
    if len(lines) == 1:
        return _task(lines[0])
    return _task(lines[0]) + "".join(_blocks(lines[1:], depth + 1))


def _task(text: str) -> str:
    box = re.match(r"\[([ xX])\]\s+", text)
    if box is None:
        return _inline(text)
    mark = "☑" if box[1] in "xX" else "☐"
    return f"{mark} {_inline(text[box.end() :])}"


def _paragraph(lines: list[str], at: int) -> tuple[int, str]:
    end = at
    while end < len(lines) and lines[end].strip():
        line = lines[end]
        if end > at and (_FENCE.match(line) or _HEADING.match(line) or _ITEM.match(line)
                         or _TAG.match(line) or line.lstrip().startswith(">")):  # fmt: skip
            break
        end += 1
    return end - at, f"<p>{'<br>'.join(_inline(line) for line in lines[at:end])}</p>"


def _inline(text: str) -> str:
    """Inline Markdown; finished pieces are put aside so that nothing is rendered twice."""
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"\x02{len(kept) - 1}\x03"

    text = re.sub(r"[\x00-\x03]", "", text)
    text = _CODE.sub(lambda found: keep(f"<code>{escape(found[2].strip())}</code>"), text)
    text = re.sub(r"<br\s*/?>", lambda _: keep("<br>"), text)
    text = _ESCAPED.sub(lambda found: keep(str(escape(found[1]))), text)
    text = str(escape(text))
    text = _ENTITY.sub(r"&\1;", text)
    text = _LINK.sub(lambda found: keep(_anchor(found[2], found[1])) if _SAFE_URL.match(found[2])
                     else found[0], text)  # fmt: skip
    text = _BARE.sub(lambda found: keep(_anchor(found[1], found[1])), text)
    for pattern, tag in _INLINE:
        text = pattern.sub(rf"<{tag}>\1</{tag}>", text)
    for _ in range(len(kept)):
        if "\x02" not in text:
            break
        text = re.sub(r"\x02(\d+)\x03", lambda found: kept[int(found[1])], text)
    return text


def _anchor(url: str, label: str) -> str:
    for pattern, tag in _INLINE:
        label = pattern.sub(rf"<{tag}>\1</{tag}>", label)
    return f'<a href="{url}" rel="nofollow noreferrer">{label}</a>'
