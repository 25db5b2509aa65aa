"""Cache of agents and canned responses. Changed only after the store has committed."""

from collections.abc import Mapping

from relay.desk.names import agents_named
from relay.desk.request import Agent
from relay.errors import Code, Refused
from relay.wire.objects import Canned


class Directory:
    """Agents by id and by the hash of their token, and the canned responses."""

    def __init__(self, agents: Mapping[str, Agent], canned: Mapping[str, str]) -> None:
        """Cache *agents* by token hash, and *canned* responses by name."""
        self.agents: dict[int, Agent] = {agent.id: agent for agent in agents.values()}
        self.canned: dict[str, str] = dict(canned)
        self._by_hash: dict[str, int] = {
            token_hash: agent.id for token_hash, agent in agents.items()
        }
        self.changes = 0
        """Number of changes to agents."""

    def by_token(self, token_hash: str) -> Agent | None:
        """Return the agent with that token, unless disabled."""
        agent = self.agents.get(self._by_hash.get(token_hash, 0))
        return None if agent is None or agent.disabled else agent

    def find(self, wanted: int | str) -> Agent:
        """Return the agent with that id or name, unless disabled.

        Raises :exc:`Refused`: ``not_found``, or ``conflict`` if several are called so.
        """
        known = ((agent.id, agent.name) for agent in self.agents.values() if not agent.disabled)
        if isinstance(wanted, int):
            found = tuple(number for number, _ in known if number == wanted)
        else:
            found = agents_named(wanted, known)
        if not found:
            raise Refused(Code.NOT_FOUND, "There is no such agent; see `helpdesk agent list`.")
        if len(found) > 1:
            raise Refused(Code.CONFLICT, "Several agents are called so; give the id of one.")
        return self.agents[found[0]]

    def put(self, agent: Agent) -> None:
        """Add or replace *agent*."""
        self.agents[agent.id] = agent
        self.changes += 1

    def set_token(self, agent: int, token_hash: str) -> None:
        """Make *token_hash* the only one of *agent*."""
        others = ((each, who) for each, who in self._by_hash.items() if who != agent)
        self._by_hash = dict(others)
        self._by_hash[token_hash] = agent

    def canned_list(self) -> list[Canned]:
        """Return the canned responses by name."""
        return [Canned(name, text) for name, text in sorted(self.canned.items())]
