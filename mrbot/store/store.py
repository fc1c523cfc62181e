"""Everything that is kept, each concept by its own name."""

from __future__ import annotations

from sqlalchemy import Engine

from mrbot.plan.vault import Vault
from mrbot.store.bindings import Bindings
from mrbot.store.changes import Changes
from mrbot.store.commands import Commands
from mrbot.store.deployments import Deployments
from mrbot.store.effects import Effects
from mrbot.store.inbox import StoredInbox
from mrbot.store.ledger import StoredLedger
from mrbot.store.locks import Locks
from mrbot.store.plans import Plans
from mrbot.store.publications import Publications
from mrbot.store.reviews import Reviews
from mrbot.store.worklist import StoredWorklist


class Store:
    """The database of one mrbot. `vault` seals what may hold secrets."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.inbox = StoredInbox(engine)
        self.worklist = StoredWorklist(engine)
        self.changes = Changes(engine)
        self.reviews = Reviews(engine)
        self.bindings = Bindings(engine)
        self.publications = Publications(engine)
        self.plans = Plans(engine)
        self.locks = Locks(engine)
        self.commands = Commands(engine)
        self.effects = Effects(engine)
        self.deployments = Deployments(engine)
        self.ledger = StoredLedger(engine, vault)
