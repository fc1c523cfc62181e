"""A delivery's cause as a JSON document, and back."""

from __future__ import annotations

from mrbot.change.people import ReviewState
from mrbot.ids import Json, Person, Sha
from mrbot.inbox.delivery import (
    BranchMoved,
    Cause,
    ChangeMayHaveChanged,
    Commented,
    ReviewGiven,
    RunProgressed,
)


def cause_json(cause: Cause) -> dict[str, Json]:
    """The document that `cause_from` reads."""
    match cause:
        case ChangeMayHaveChanged(change=change):
            return {"kind": "change", "change": change}
        case ReviewGiven(change=change, person=person, state=state, head=head):
            return {
                "kind": "review", "change": change, "person": person_json(person),
                "state": state.value, "head": head,
            }  # fmt: skip
        case Commented(change=change, comment=comment, body=body, author=author):
            return {
                "kind": "comment", "change": change, "comment": comment, "body": body,
                "author": person_json(author),
            }  # fmt: skip
        case BranchMoved(branch=branch, sha=sha):
            return {"kind": "branch", "branch": branch, "sha": sha}
        case RunProgressed(run=run, sha=sha, change=maybe):
            return {"kind": "run", "run": run, "sha": sha, "change": maybe}


def cause_from(document: Json) -> Cause:
    """The cause that `cause_json` wrote.

    Raises: ValueError when `document` is no such document.
    """
    match document:
        case {"kind": "change", "change": int(change)}:
            return ChangeMayHaveChanged(change=change)
        case {"kind": "review", "change": int(change), "person": person, "state": str(state),
              "head": (str() | None) as head}:  # fmt: skip
            return ReviewGiven(
                change=change, person=person_from(person), state=ReviewState(state),
                head=None if head is None else Sha(head),
            )  # fmt: skip
        case {"kind": "comment", "change": int(change), "comment": str(comment), "body": str(body),
              "author": author}:  # fmt: skip
            return Commented(change=change, comment=comment, body=body, author=person_from(author))
        case {"kind": "branch", "branch": str(branch), "sha": (str() | None) as sha}:
            return BranchMoved(branch=branch, sha=None if sha is None else Sha(sha))
        case {"kind": "run", "run": str(run), "sha": (str() | None) as sha,
              "change": (int() | None) as maybe}:  # fmt: skip
            return RunProgressed(run=run, sha=None if sha is None else Sha(sha), change=maybe)
        case _:
            raise ValueError("not the document of a delivery's cause")


def person_json(person: Person) -> dict[str, Json]:
    """The document that `person_from` reads."""
    return {"id": person.id, "login": person.login, "is_bot": person.is_bot}


def person_from(document: Json) -> Person:
    """The person that `person_json` wrote.

    Raises: ValueError when `document` is no such document.
    """
    match document:
        case {"id": str(id_), "login": str(login), "is_bot": bool(is_bot)}:
            return Person(id=id_, login=login, is_bot=is_bot)
        case _:
            raise ValueError("not the document of a person")
