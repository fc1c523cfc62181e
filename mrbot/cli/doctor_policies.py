"""What `mrbot doctor` says of the engine and of the organisation's policies."""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.app import organisation_of, policy_server
from mrbot.config.settings_value import PolicyLibrary, PolicyServerSettings, Settings
from mrbot.decision.material import Organisation, PolicyFolder
from mrbot.errors import MrbotError
from mrbot.hosts.inspection import Inspected, missing, ok
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Evaluated, EvaluationFailed, EvaluationFault, PolicyEngine
from mrbot.policy.settle import settle

_SERVER_MENDS = {
    EvaluationFault.ACCESS: "see `policies.server.token` in the settings",
    EvaluationFault.TRUST: "see `policies.server.ca_file` in the settings",
    EvaluationFault.NAMESPACE: "see `policies.namespaces` in the settings, and the server's bundles",
    EvaluationFault.REVISION: "see `policies.server.revisions` in the settings, and the server's"
    " bundles",
    EvaluationFault.ENGINE: "see `policies.server` in the settings, and whether the server runs",
    EvaluationFault.TIME: "see `policies.server` in the settings, and whether the server runs",
    EvaluationFault.ANSWER: "see `policies.server` in the settings: is this the address of an OPA?",
}
"""How what fails about a server is mended; what is not here is for whoever writes its policies."""


def policies_inspected(settings: Settings) -> Iterator[Inspected]:
    """The engine runs, the organisation's files can be used, and its policies can be asked."""
    chosen = settings.engine
    try:
        engine = settle(chosen.choice, chosen.opa_path, chosen.deadline_s)
    except MrbotError as error:
        yield missing("policy engine", str(error), "see `engine` in the settings")
        yield from _organisation(settings, None)
        return
    try:
        yield ok("policy engine", f"{engine.engine.name} {engine.engine.version}")
        yield from _organisation(settings, engine)
    finally:
        engine.close()


def _organisation(settings: Settings, engine: PolicyEngine | None) -> Iterator[Inspected]:
    try:
        organisation = organisation_of(settings, None, None)
    except (MrbotError, OSError) as error:
        yield missing("organisation's rules", str(error), "correct the file")
        return
    yield ok("organisation's rules", f"{settings.rules} can be used")
    match settings.policies:
        case PolicyServerSettings(namespaces=namespaces):
            yield _served(policy_server(settings).evaluate(namespaces, ()))
        case PolicyLibrary() if engine is not None:
            yield _read(organisation, engine)
        case PolicyLibrary():
            pass


def _served(said: Evaluated | EvaluationFailed) -> Inspected:
    served = said.served
    where = "" if served is None else f"{served.where}: "
    match said:
        case EvaluationFailed():
            mend = _SERVER_MENDS.get(said.fault, "correct the policies that the server holds")
            return missing("policy server", f"{where}{said.fault}: {said.detail}", mend)
        case Evaluated():
            held = "" if served is None else ", ".join(f"{b} at {r}" for b, r in served.revisions)
            packages = ", ".join(said.namespaces)
            found = f"{where}{said.engine.name} {said.engine.version} holds {held}"
            return ok("policy server", f"{found}; packages {packages} are there")


def _read(organisation: Organisation, engine: PolicyEngine) -> Inspected:
    folder = organisation.policies
    assert isinstance(folder, PolicyFolder)  # noqa: S101  for mypy: the settings name no server
    mend = "see `policies` in the settings"
    try:
        made = bundle(
            folder.origin,
            {file.path: file.content for file in folder.files},
            organisation.namespaces,
            {file.path: file.content for file in folder.data},
        )
    except MrbotError as error:
        return missing("organisation's policies", str(error), mend)
    said = engine.evaluate(made, ())
    match said:
        case EvaluationFailed():
            place = f"{said.path}:{said.line or 0}: " if said.path else ""
            found = f"{folder.directory}: {place}{said.fault}: {said.detail}"
            return missing("organisation's policies", found, mend)
        case Evaluated():
            count = len(said.namespaces)
            found = f"{folder.directory} can be asked ({count} package{'s'[: count != 1]})"
            return ok("organisation's policies", found)
