"""Commands: read once from comments as first written, allowed or refused, carried out once."""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.change.reader import Role
from mrbot.change.snapshot import HostChange
from mrbot.decision.binding import approve_code
from mrbot.effects.effect import Reaction
from mrbot.errors import Permanent, Transient
from mrbot.ids import Person
from mrbot.inbox.command import HELP, Command, Unknown, Verb, commands_in
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.planning import discard
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.store.commands import AcceptedComment, CommandLine, CommandState, StoredCommand

NEEDED_ROLE = "write"
"""The least role for a command that plans, applies or judges."""

_OPEN_TO_ALL = frozenset({Verb.HELP, Verb.APPROVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the pending commands come to. `plan` as in `plan_where_needed`; the commands of each
    kind are finished by whoever carries them out."""

    plan: frozenset[str] | None
    planning: tuple[StoredCommand, ...]
    applying: tuple[tuple[StoredCommand, frozenset[str]], ...]


def read_comments(tools: Tools, host: HostTools, claim: Claim, change: HostChange) -> None:
    """Every new comment is read, and whoever gave a command sees at once that it was seen."""
    for comment in tools.store.commands.unread(change.id):
        found = commands_in(comment.comment.body)
        if found:
            _react(host, change, comment, Reaction.SEEN)
        lines = [_line(one) for one in found]
        tools.store.commands.record(claim, comment, lines)


def _line(one: Command | Unknown) -> CommandLine:
    match one:
        case Command():
            return CommandLine(line=one.line, verb=one.verb.value, text=one.text)
        case Unknown():
            meant = f" {one.meant}" if one.meant else ""
            return CommandLine(line=one.line, verb="unknown", text=f"mrbot {one.word}{meant}")


def _react(
    host: HostTools, change: HostChange, comment: AcceptedComment, reaction: Reaction
) -> None:
    """A courtesy: that it fails changes nothing, so the command is carried out all the same."""
    try:
        host.writer.react(change.id, comment.comment.comment, reaction)
    except (Transient, Permanent):
        return


def take_commands(tools: Tools, host: HostTools, claim: Claim, change: HostChange) -> Asked:
    """Commands that need no judgement are done; planning and applying are handed back."""
    commands = tools.store.commands
    plan: frozenset[str] | None = None
    planning: list[StoredCommand] = []
    applying: list[tuple[StoredCommand, frozenset[str]]] = []
    for one in commands.pending(change.id):
        refusal = _refusal(host, change, one)
        if refusal is not None:
            commands.finish(claim, one.id, CommandState.REFUSED, refusal)
            _react(host, change, one.source, Reaction.REFUSED)
            continue
        arguments = frozenset(one.command.text.split(" ")[2:])
        match Verb(one.command.verb):
            case Verb.PLAN:
                commands.start(claim, one.id)
                plan = _widened(plan, arguments)
                planning.append(one)
            case Verb.APPLY:
                applying.append((one, arguments))
            case Verb.DISCARD:
                commands.start(claim, one.id)
                commands.finish(claim, one.id, CommandState.DONE, discard(tools, claim, change))
            case Verb.RECHECK:
                commands.finish(claim, one.id, CommandState.DONE, "judged again")
            case Verb.HELP:
                commands.finish(claim, one.id, CommandState.DONE, HELP)
            case Verb.APPROVE:
                state, answer = _approve(tools, change, one, arguments)
                commands.finish(claim, one.id, state, answer)
    return Asked(
        plan=plan,
        planning=tuple(planning),
        applying=tuple(applying),
    )


def _widened(plan: frozenset[str] | None, more: frozenset[str]) -> frozenset[str]:
    """Both wishes together; an empty one is for every project."""
    if plan is None:
        return more
    return plan | more if plan and more else frozenset()


def _refusal(host: HostTools, change: HostChange, one: StoredCommand) -> str | None:
    if one.command.verb not in set(Verb):
        word, _, meant = one.command.text.removeprefix("mrbot ").partition(" ")
        hint = f"; did you mean mrbot {meant}?" if meant else ""
        return f"there is no command {word}{hint} (/help lists them)"
    verb = Verb(one.command.verb)
    if verb == Verb.HELP:
        return None
    person = _account(host, change, one.source.comment.author)
    if person is None:
        return "there is no such account any more"
    if person.is_bot:
        return "bots may not give commands"
    if verb in _OPEN_TO_ALL:
        return None
    role = host.reader.role(change.id.repo, person)
    if Role.RANK.index(role) < Role.RANK.index(NEEDED_ROLE):
        return f"needs the role {NEEDED_ROLE} in this repository; {person.login} has {role}"
    return None


def _account(host: HostTools, change: HostChange, author: Person) -> Person | None:
    """The account behind a comment, as its host knows it: GitLab's webhooks do not say of a
    project's or group's token that it is a bot. None where the login is another's by now."""
    if author.is_bot:
        return author
    found = host.reader.people(change.id.repo, (author.login,))[author.login]
    return found if found is not None and found.id == author.id else None


def _approve(
    tools: Tools, change: HostChange, one: StoredCommand, codes: frozenset[str]
) -> tuple[CommandState, str]:
    """The code must name what was on show when the comment came: nobody approves what they were not
    shown, and a code of an earlier version approves nothing."""
    shown = one.source.publication
    if len(codes) != 1:
        return CommandState.REFUSED, "give the one code that the comment shows"
    if shown is None:
        return CommandState.REFUSED, "nothing had been shown yet: take the code from the comment"
    binding = tools.store.bindings.shown_by(change.id, shown)
    if binding is not None and binding.head == change.head and approve_code(binding) in codes:
        tools.store.reviews.approve_by_code(
            change.id,
            one.source.comment.author,
            binding.head,
            shown,
            one.source.delivery,
            tools.clock(),
        )
        return CommandState.DONE, f"approves {binding.head[:10]}"
    return CommandState.REFUSED, "that is not the code of what the comment shows now"
