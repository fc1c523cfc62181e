"""Who said what, and who belongs where: joined from the host and from what was kept as evidence."""

from __future__ import annotations

from mrbot.change.people import (
    Binding,
    Directory,
    Group,
    Review,
    ReviewSource,
    ReviewState,
)
from mrbot.change.reader import ChangeReader, HostReview
from mrbot.change.snapshot import Change, HostChange
from mrbot.decision.approval import contributed
from mrbot.decision.material import Assessment
from mrbot.ids import Person
from mrbot.store.reviews import ReviewEvidence
from mrbot.store.store import Store


def reviews(host: HostChange, reader: ChangeReader, store: Store) -> tuple[Review, ...]:
    """One review a person. What the host says now decides whether there is one; on which commit it
    was given, and what was on show then, is taken from the host or from the stored webhook.

    An approval by code stands beside the host's, and falls when the person asks for changes there.
    """
    said = {one.person.id: one for one in reader.reviews(host.id)}
    evidence = {one.person.id: one for one in store.reviews.latest(host.id, ReviewSource.HOST)}
    found = [_by_host(host, one, evidence.get(one.person.id), store) for one in said.values()]
    for one in store.reviews.latest(host.id, ReviewSource.CODE):
        refused = said.get(one.person.id)
        if refused is not None and refused.state == ReviewState.CHANGES_REQUESTED:
            continue
        found = [other for other in found if other.person.id != one.person.id]
        found.append(_by_code(host, one, store))
    return tuple(sorted(found, key=lambda review: review.person))


def unchanged(before: tuple[Review, ...], now: tuple[Review, ...]) -> bool:
    """Whether the same people say the same of the same commits."""
    return _said(before) == _said(now)


def _said(found: tuple[Review, ...]) -> frozenset[tuple[object, ...]]:
    return frozenset((one.person.id, one.state, one.source, one.head) for one in found)


def _by_host(
    host: HostChange, said: HostReview, known: ReviewEvidence | None, store: Store
) -> Review:
    head, note = said.head, "the host"
    seen: tuple[Binding, ...] = ()
    if known is not None and known.state == said.state and head in {None, known.head}:
        # The webhook told when it was given, hence what was on show then: one thing, or nothing.
        head, note = known.head, "the host's webhook"
        seen = _on_show(host, known, store)
    elif head is not None:
        seen = store.bindings.shown_of(host.id, head)
    return Review(
        person=said.person,
        state=said.state,
        source=ReviewSource.HOST,
        head=head,
        seen=seen,
        note=note,
    )


def _on_show(host: HostChange, known: ReviewEvidence, store: Store) -> tuple[Binding, ...]:
    """What the record on show said of the commit that the review was given on."""
    if known.publication is None:
        return ()
    shown = store.bindings.shown_by(host.id, known.publication)
    return () if shown is None or shown.head != known.head else (shown,)


def _by_code(host: HostChange, known: ReviewEvidence, store: Store) -> Review:
    seen = _on_show(host, known, store)
    return Review(
        person=known.person,
        state=known.state,
        source=ReviewSource.CODE,
        # Without the binding that the code named there is nothing this approval was given for.
        head=known.head if seen else None,
        seen=seen,
        note="mrbot approve",
    )


def mapped_contributors(
    host: HostChange, found: tuple[Review, ...], reader: ChangeReader
) -> frozenset[Person]:
    """The accounts behind the commits; asked for only once somebody has approved, because nobody
    can be wrongly counted before that."""
    if any(review.state == ReviewState.APPROVED for review in found):
        return reader.contributors(host.id)
    return frozenset()


def directory(change: Change, assessment: Assessment, reader: ChangeReader) -> Directory:
    """The groups that requirements name, and the roles of those who approved without being named."""
    names = {group for one in assessment.requirements for group in one.require.groups}
    groups: list[Group] = [reader.group(change.id.repo, name) for name in sorted(names)]
    by_role = any(not (r.require.users or r.require.groups) for r in assessment.requirements)
    roles = tuple(
        (review.person.id, reader.role(change.id.repo, review.person))
        for review in change.reviews
        if by_role and not contributed(review.person, change.contributors)
    )
    return Directory(groups=tuple(groups), roles=roles)
