"""What holds of every format alike: the changes told lead from before to after, and are all there
are; no difference is silent; no secret is told."""

from __future__ import annotations

import copy
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mrbot.effects.comment import Beside
from mrbot.effects.detail import STEPS
from mrbot.effects.render import render_at
from mrbot.resources.attributes import applied, attribute_changes
from mrbot.resources.formats import FALLBACKS, FORMATS, KUBERNETES
from mrbot.resources.masking import same
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED
from tests.build import make_assessment, make_decision
from tests.samples.every import SAMPLES
from tests.samples.secrets import PLACES
from tests.unit.resources.build import reading
from tests.unit.resources.hcl_writer import Block
from tests.unit.resources.made_up import SHAPES

EXAMPLES = 50
"""Of each property for each format; all of them take about half a minute."""
MOST_WAIVED = 0.95
"""The share of examples in which something could not be read; with more, a property says little."""

LINES = [(format_, path, text) for format_, files in SAMPLES.items() for path, text in files]
BY_LINES = pytest.mark.parametrize(
    ("path", "text"), [pytest.param(p, t, id=f"{f}: {p}") for f, p, t in LINES]
)
BY_SHAPE = pytest.mark.parametrize(
    "shape", [pytest.param(shape, id=f"{shape.format}: {shape.path}") for shape in SHAPES]
)


def hurried(examples):
    """Settings by which a file of many properties stays within seconds, the same every time."""
    return settings(
        max_examples=examples, derandomize=True, database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much),
    )  # fmt: skip


WORDS = ("x: 1", "#", '"', "=", "y = 2", "token = abc", "-", " ", "é")
edits = st.lists(
    st.tuples(
        st.sampled_from(["alter", "alter", "alter", "delete", "double", "swap", "insert"]),
        st.integers(0, 200),
        st.integers(0, 200),
        st.sampled_from([*"xxxy777", *WORDS]),
    ),
    min_size=1,
    max_size=2,
)


def edited(text, changes):
    """`text` with lines removed, doubled, exchanged, added, and characters altered."""
    lines = text.split("\n")
    for what, first, second, word in changes:
        at, to = first % len(lines), second % len(lines)
        if what == "delete":
            lines[at : at + 1] = [] if len(lines) > 1 else [""]
        elif what == "double":
            lines.insert(to, lines[at])
        elif what == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        elif what == "insert":
            lines.insert(at, word)
        else:
            place = second % (len(lines[at]) + 1)
            lines[at] = lines[at][:place] + word + lines[at][place + 1 :]
    return "\n".join(lines)  # fmt: skip


def test_every_format_has_samples_and_is_made_up_or_made_of_lines():
    names = {format_.name for format_ in (*FORMATS, KUBERNETES, *FALLBACKS)}

    assert set(SAMPLES) == names
    assert names - {shape.format for shape in SHAPES} == {"dockerfile", "text"}


@BY_LINES
def test_a_sample_is_understood_and_read_by_its_format(path, text):
    found = reading({}, {path: text})

    assert found.not_understood == ()
    assert next(f for f, p, _ in LINES if p == path) in {c.format for c in found.resources}


def led(result):
    """Every change leads from its before to its after."""
    for change in result.resources:
        if change.before is not None and change.after is not None:
            assert same(
                applied(change.before, attribute_changes(change.before, change.after)), change.after
            )


def in_doubt(*readings):
    """Whether something could not be read; a broken rule file stops nothing, and is none the less."""
    lost = [one for result in readings for one in result.not_understood]
    return any(one.relevant or one.path == ".mrbot.yml" for one in lost)


def model(result):
    """What there is, by format and address: kinds and values; of a tree created out of nothing."""
    found = {}
    for change in result.resources:
        found.setdefault((change.format, change.address), []).append((change.kind, change.after))
    return found


def with_changes(found, result):
    """`found` after the changes that a reading tells."""
    found = copy.deepcopy(found)
    for change in result.resources:
        here = found.setdefault((change.format, change.address), [])
        if change.before is None:
            here.append((change.kind, change.after))
            continue
        there = next(i for i, (_, value) in enumerate(here) if alike(value, change.before))
        if change.after is None:
            del here[there]
        else:
            changes = attribute_changes(change.before, change.after)
            here[there] = (change.kind, applied(change.before, changes))
    return {place: values for place, values in found.items() if values}


def alike(one, other):
    """The same, but for what is masked on either side."""
    if is_masked(one) or is_masked(other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return same(one, other)


def is_masked(value):
    """A mark, or JSON in a string with marks in it."""
    return isinstance(value, str) and (SENSITIVE in value or SENSITIVE_CHANGED in value)


def assert_same_model(one, other):
    assert one.keys() == other.keys()
    for place, values in one.items():
        left = list(other[place])
        for kind, value in values:
            at = next(i for i, (k, v) in enumerate(left) if k == kind and alike(v, value))
            del left[at]
        assert not left, place


def complete(path, before, after):
    """The changes told lead from all there was to all there is. Whether that could be asked."""
    change = reading({path: before}, {path: after})
    was, now = reading({}, {path: before}), reading({}, {path: after})
    led(change)
    if in_doubt(change, was, now):
        return False
    assert_same_model(with_changes(model(was), change), model(now))
    return True


@BY_LINES
def test_lines_altered_are_told_completely(path, text):
    asked = Counter()

    @given(edits, edits)
    @hurried(EXAMPLES // 2)
    def told(first, second):
        before = edited(text, first) if len(first) < len(second) else text
        asked[complete(path, before, edited(before, second))] += 1

    told()
    assert asked[True] >= (1 - MOST_WAIVED) * asked.total()


@BY_SHAPE
def test_values_altered_are_told_completely(shape):
    asked = Counter()

    @given(shape.pairs())
    @hurried(EXAMPLES)
    def told(pair):
        asked[complete(shape.path, *map(shape.written, pair))] += 1

    told()
    assert asked[True] >= (1 - MOST_WAIVED) * asked.total()


def differ(one, other):
    if isinstance(one, Block) and isinstance(other, Block):
        return not same(plain(one), plain(other))
    return not same(one, other)


def plain(value):
    """Blocks and expressions as JSON."""
    match value:
        case Block():
            return {"=": plain(value.attributes), "{": plain(value.blocks)}
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return {"source": value.source}


@BY_SHAPE
def test_no_difference_in_values_is_silent(shape):
    @given(shape.pairs())
    @hurried(EXAMPLES)
    def told(pair):
        before, after = map(shape.written, pair)
        result = reading({shape.path: before}, {shape.path: after})
        if differ(*pair):
            assert result.resources or result.not_understood, pair
        assert before != after or not result.resources

    told()


def words(path, text):
    """What is in `text` besides comments and blanks; of a file of sections, the last word on each
    setting, whatever their order."""
    lines = [line for line in text.split("\n") if line.strip() and line.lstrip()[0] not in "#;"]
    if path in ("inventory/hosts", "ansible.cfg", ".gitmodules"):
        section, found = "", {}
        for line in lines:
            if line.startswith("["):
                section = line.partition("]")[0]
            elif section.endswith(":vars") or path != "inventory/hosts":
                name, _, value = line.partition("=")
                found[section, name.strip()] = value.split()
            else:
                found[section, line.strip()] = line.split()
        return found
    joined = "\n".join(lines).replace("\\\n", "").replace("`\n", "")
    return [line.split() for line in joined.split("\n")]


OF_LINES = ("dockerfile", "text", "mrbot")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(p, t, id=f"{f}: {p}")
        for f, p, t in LINES
        if (f in OF_LINES and not p.endswith(".mrbot.yml"))
        or p in ("inventory/hosts", "ansible.cfg")
    ],
)
def test_no_difference_in_words_is_silent(path, text):
    @given(edits)
    @hurried(EXAMPLES)
    def told(changes):
        after = edited(text, changes)
        result = reading({path: text}, {path: after})
        if words(path, text) != words(path, after):
            assert result.resources or result.not_understood, after

    told()


@given(st.sampled_from(LINES), st.sampled_from(LINES), edits)
@hurried(EXAMPLES)
def test_every_changed_file_is_accounted_for(one, other, changes):
    (_, path, text), (_, second, also) = one, other
    before, after = {path: text, second: also}, {path: edited(text, changes)}

    result = reading(before, after)

    told = {c.source.path for c in result.resources} | {i.path for i in result.not_understood}
    for file in before.keys() | after.keys():
        assert (file in result.plain) is not (file in told)


SECRET_NAMES = ("password", "DB_PASSWORD", "apiToken", "client_secret", "private_key", "api_key",
                "secretAccessKey", "ssh-passphrase", "github_token")  # fmt: skip
TOKENS = st.text("abcdefghjkmnpqrstuvwxyz23456789", min_size=12, max_size=20).map("zq".__add__)


def assert_untold(token, *results):
    """`token` is nowhere in what the readers tell, nor in what is shown of it at any step."""
    for result in results:
        assert token not in repr(result)
        decision = make_decision(assessment=make_assessment(reading=result))
        for step in STEPS:
            assert token not in render_at(decision, Beside(), step)


def assert_hidden(path, without, one, other):
    """The secrets in two versions of a file are not told when they come, go, stay or change."""
    for before, after in ((without, one), (one, without), (one, one + "\n"), (one, other)):
        sides = [{} if text is None else {path: text} for text in (before, after)]
        token = TOKEN.findall("".join(text for text in (before, after) if text))
        assert token
        result = reading(*sides)
        for each in set(token):
            assert_untold(each, result)


TOKEN = re.compile(r"zq[a-z2-9]{12,}")


@pytest.mark.parametrize(("path", "text"), PLACES)
def test_no_secret_is_told(path, text):
    @given(TOKENS, TOKENS, st.sampled_from(SECRET_NAMES))
    @hurried(4)
    def told(first, second, name):
        name = name.replace("-", "_") if path.startswith(("infra", "live", "polic")) else name
        one, other = (
            text.replace("%name%", name).replace("%token%", token) for token in (first, second)
        )
        assert_hidden(path, None, one, other)

    told()


TASK_WORDS = {"name", "when", "no_log", "vars"}
HIDING = [shape for shape in SHAPES if shape.format in ("helm", "data", "kubernetes", "ansible")]


@pytest.mark.parametrize("shape", HIDING, ids=lambda shape: f"{shape.format}: {shape.path}")
def test_no_secret_among_other_values_is_told(shape):
    @given(shape.values, st.data())
    @hurried(EXAMPLES // 4)
    def told(value, data):
        places = list(holders(value))
        if not places:
            return
        place, name = (
            data.draw(st.integers(0, len(places) - 1)),
            data.draw(st.sampled_from(SECRET_NAMES)),
        )
        first, second = data.draw(TOKENS), data.draw(TOKENS)
        texts = []
        for token in (first, second):
            copied = copy.deepcopy(value)
            list(holders(copied))[place][name] = token
            texts.append(shape.written(copied))
        assert_hidden(shape.path, shape.written(value), *texts)

    told()


def holders(value):
    """Every mapping in `value`, but for a task that calls no module: there, any key is one."""
    if isinstance(value, dict) and not ("name" in value and {*value} <= TASK_WORDS):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in inside:
        yield from holders(inner)
