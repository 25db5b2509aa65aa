"""Customers, agents and canned responses within a transaction: one statement each."""

from msgspec.structs import replace
from sqlalchemy import Connection, and_, bindparam, select

from relay.desk.events import Millis, Role
from relay.desk.names import name_key
from relay.desk.request import Agent, Customer
from relay.errors import Code, Refused
from relay.store.sqlite import search_index, statements
from relay.store.sqlite.rows import AGENTS, agent_of, customer_of
from relay.store.sqlite.schema import (
    agent,
    canned_response,
    customer,
    help_request,
    message,
    open_answer,
)


class People:
    """Implements :class:`relay.store.api.People`."""

    def __init__(
        self,
        connection: Connection,
        customers: dict[str, Customer],
        has_open_refs: dict[int, bool],
        agents_known: dict[str | int, Agent],
    ) -> None:
        """Work on *connection*, inside its open transaction, with the writer's caches.

        *customers* by key; *has_open_refs*: whether a customer, by id, has a ref of
        :meth:`remember_open`;
        *agents_known*: agents who are not disabled, by token hash or by id.
        """
        self._connection = connection
        self._customers = customers
        self._open_refs_known = has_open_refs
        self._agents = agents_known

    def customer(self, key: str) -> Customer | None:
        """Return the customer with the key *key*."""
        known = self._customers.get(key)
        if known is None:
            row = self._connection.execute(_BY_KEY, {"proof": key}).first()
            if row is None:
                return None
            known = self._customers[key] = customer_of(row)
        return known

    def add_customer(self, draft: Customer, at: Millis) -> Customer:
        """Store *draft* and return it with its id."""
        stored = replace(draft, id=statements.add_customer(self._connection, draft, at))
        self._open_refs_known[stored.id] = False
        self._customers[draft.key] = stored
        return stored

    def set_contact(self, before: Customer, person: Customer) -> None:
        """Store the contact of *person*, who was *before*."""
        self._customers[person.key] = person
        search_index.remove(self._connection, search_index.person_entry(before.id, before.contact))
        search_index.add(self._connection, search_index.person_entry(person.id, person.contact))
        self._connection.execute(
            customer.update().where(customer.c.id == person.id).values(person.contact.values())
        )

    def reassign(self, request: int, before: Customer, person: Customer) -> None:
        """Give *request*, and what its customer *before* wrote there, to *person*."""
        execute = self._connection.execute
        theirs = and_(message.c.by_role == str(Role.CUSTOMER), message.c.request_id == request)
        used = select(message.c.ref).where(
            message.c.by_role == str(Role.CUSTOMER),
            message.c.by_id == person.id,
            message.c.ref.is_not(None),
        )
        execute(message.update().where(theirs, message.c.ref.in_(used)).values(ref=None))
        execute(message.update().where(theirs).values(by_id=person.id))
        answers = open_answer.c.request_id == request
        known = select(open_answer.c.ref).where(open_answer.c.customer_id == person.id)
        execute(open_answer.delete().where(answers, open_answer.c.ref.in_(known)))
        execute(open_answer.update().where(answers).values(customer_id=person.id))
        own = help_request.c.id == request
        execute(help_request.update().where(own).values(customer_id=person.id))
        self._open_refs_known.pop(person.id, None)
        self._open_refs_known.pop(before.id, None)
        self._delete_without_requests(before)

    def _delete_without_requests(self, person: Customer) -> None:
        left = select(help_request.c.id).where(help_request.c.customer_id == person.id).limit(1)
        if self._connection.execute(left).first() is None:
            search_index.remove(
                self._connection, search_index.person_entry(person.id, person.contact)
            )
            self._connection.execute(customer.delete().where(customer.c.id == person.id))
            self.evict_customer(person)

    def request_opened_as(self, customer: int, ref: str) -> int | None:
        """Return the request that :meth:`remember_open` stored for *ref*."""
        # Asked for every text of a customer, and few ever used one: hence the cache.
        if not self._has_open_refs(customer):
            return None
        query = select(open_answer.c.request_id).where(
            open_answer.c.customer_id == customer, open_answer.c.ref == ref
        )
        number: int | None = self._connection.execute(query).scalar()
        return number

    def remember_open(self, customer: int, ref: str, request: int) -> None:
        """Store the answer to the ``open`` called *ref*, which stored no message."""
        self._open_refs_known[customer] = True
        values = {"customer_id": customer, "ref": ref, "request_id": request}
        self._connection.execute(open_answer.insert().values(values))

    def _has_open_refs(self, customer: int) -> bool:
        known = self._open_refs_known.get(customer)
        if known is None:
            query = select(open_answer.c.ref).where(open_answer.c.customer_id == customer).limit(1)
            known = self._connection.execute(query).first() is not None
            self._open_refs_known[customer] = known
        return known

    def evict_customer(self, person: Customer) -> None:
        """Remove *person* from the caches."""
        self._customers.pop(person.key, None)
        self._open_refs_known.pop(person.id, None)

    def agents(self) -> dict[str, Agent]:
        """Return all agents, disabled ones too, in the order of their ids, by token hash."""
        rows = self._connection.execute(AGENTS.order_by(agent.c.id))
        return {row.token_hash: agent_of(row) for row in rows}

    def agent(self, number: int) -> Agent:
        """Return the agent *number*; raise :exc:`Refused` (``not_found``) if there is none."""
        found = self._connection.execute(AGENTS.where(agent.c.id == number)).first()
        if found is None:
            raise Refused(Code.NOT_FOUND, f"There is no agent {number}.")
        return agent_of(found)

    def authorize(self, token_hash_or_id: str | int) -> Agent:
        """Return the agent with that token hash or id.

        Raises :exc:`Refused` (``unauthorized``) if disabled or unknown.
        """
        known = self._agents.get(token_hash_or_id)
        if known is None:
            column = agent.c.token_hash if isinstance(token_hash_or_id, str) else agent.c.id
            good = AGENTS.where(column == token_hash_or_id, agent.c.disabled == 0)
            row = self._connection.execute(good).first()
            if row is None:
                raise Refused(Code.UNAUTHORIZED, "Your access has ended; ask an admin.")
            known = self._agents[token_hash_or_id] = agent_of(row)
        return known

    def add_agent(self, name: str, role: str, token_hash: str, at: Millis) -> Agent:
        """Store a new agent; raise :exc:`Refused` (``conflict``) if the name is taken."""
        self._require_free_name(name, 0)
        made = self._connection.execute(
            agent.insert().values(
                name=name, role=role, token_hash=token_hash, disabled=0, created_at=at
            )
        )
        (number,) = made.inserted_primary_key or (0,)
        return Agent(number, name, role)

    def change_agent(self, changed: Agent) -> None:
        """Store name, role and disabling of *changed*; raise :exc:`Refused` as above."""
        # Desks of older releases may have two names that are equal by now.
        if changed.name != self.agent(changed.id).name:
            self._require_free_name(changed.name, changed.id)
        self._agents.clear()
        self._connection.execute(
            agent.update()
            .where(agent.c.id == changed.id)
            .values(name=changed.name, role=changed.role, disabled=int(changed.disabled))
        )

    def set_token(self, number: int, token_hash: str) -> None:
        """Make *token_hash* the only one of the agent *number*."""
        self._agents.clear()
        self._connection.execute(
            agent.update().where(agent.c.id == number).values(token_hash=token_hash)
        )

    def canned(self) -> dict[str, str]:
        """Return the canned responses by name."""
        rows = self._connection.execute(select(canned_response).order_by(canned_response.c.name))
        return {row.name: row.text for row in rows}

    def set_canned(self, name: str, text: str) -> None:
        """Store *text* under *name*, replacing what was there."""
        self.remove_canned(name)
        self._connection.execute(canned_response.insert().values(name=name, text=text))

    def remove_canned(self, name: str) -> None:
        """Delete the canned response *name*, if there is one."""
        self._connection.execute(canned_response.delete().where(canned_response.c.name == name))

    def _require_free_name(self, name: str, number: int) -> None:
        """Raise :exc:`Refused` (``conflict``) if an agent other than *number* is called *name*."""
        key = name_key(name)
        for row in self._connection.execute(select(agent.c.id, agent.c.name)):
            if row.id != number and name_key(row.name) == key:
                raise Refused(Code.CONFLICT, f"There is an agent named {row.name} already.")


_BY_KEY = select(customer).where(customer.c.key == bindparam("proof"))
