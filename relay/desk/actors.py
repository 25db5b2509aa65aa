"""Actors: customers and agents with their rights, with or without a connection."""

from dataclasses import dataclass

from relay.desk.contact import Contact
from relay.desk.events import DESK, Author, Role
from relay.desk.request import Agent, Visit


@dataclass(eq=False, slots=True)
class CustomerActor:
    """A customer of one site.

    ``key`` proves them; ``customer`` is their id once they have opened a request, ``request`` the
    number of their latest one. ``forgotten``: they are erased, and the connection closes soon.
    """

    site: str
    key: str
    contact: Contact
    verified: bool
    visit: Visit
    customer: int | None = None
    request: int | None = None
    forgotten: bool = False

    def is_author(self, by: Author) -> bool:
        """Return whether *by* is this customer."""
        return by.role is Role.CUSTOMER and by.id == self.customer


@dataclass(eq=False, slots=True)
class AgentActor:
    """An agent; ``agent`` is None for the desk itself.

    ``key`` is the hash of the token that was shown, None without one. ``control``: has the rights
    of an admin whoever the agent is, as at the control socket.
    """

    agent: Agent | None
    admin: bool
    key: str | None = None
    control: bool = False

    @property
    def author(self) -> Author:
        """The author of what the actor writes."""
        if self.agent is None:
            return DESK
        return Author(Role.AGENT, self.agent.id, self.agent.name)

    def is_author(self, by: Author) -> bool:
        """Return whether *by* is this agent, under whatever name, or the desk."""
        if self.agent is None:
            return by.role is Role.DESK
        return by.id == self.agent.id and by.role is Role.AGENT


Actor = CustomerActor | AgentActor
