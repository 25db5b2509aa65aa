"""Desk with customers and agents, for the unit tests of the publisher."""

from msgspec.structs import replace

from relay.desk.events import Author, Event, Opened
from relay.desk.request import Record, make_messages
from relay.hub import AgentPeer, CustomerPeer, Hub
from relay.log import Log
from relay.metrics import Counts
from relay.service.config import DeskConfig
from relay.service.directory import Directory
from relay.service.publisher import Publisher
from relay.service.setup_faults import SetupFaults
from relay.service.telemetry import Telemetry
from relay.service.use_cases import Change
from relay.wire.objects import Limits
from tests.unit.relay.peers import Hands, PeerReply, agent_peer, customer_peer, pop_frames
from tests.unit.relay.samples import ADA, AGENTS, AT, BLANK, CUSTOMER, VISIT, fold

LIMITS = Limits(4000, 65536, 5, 20)


class Room:
    """A desk with Ada in two tabs, Sam and Kim watching her request, and a bot that joined none."""

    def __init__(self) -> None:
        self.hub, self.clock = Hub(), Hands()
        config = DeskConfig("Acme", "Back at nine", None, {}, LIMITS, LIMITS, 10, "1.2.3")
        known = Directory({str(agent.id): agent for agent in AGENTS.values()}, {"hi": "Hello"})
        log = Log()
        telemetry = Telemetry(Counts(), log, SetupFaults(log, self.clock))
        self.publisher = Publisher(self.hub, known, config, self.clock, telemetry)
        self.tab, self.other_tab = customer_peer(), customer_peer()
        self.stranger = customer_peer("another-key")
        self.sam, self.kim = agent_peer(AGENTS[3]), agent_peer(AGENTS[5])
        self.bot = agent_peer(AGENTS[5], queue=False)
        for peer in self.everybody:
            self.hub.add(peer)
        self.hub.watch(self.sam, 42)
        self.hub.watch(self.kim, 42)
        self.record = Record(BLANK, CUSTOMER, VISIT)
        self.publish(Opened(), by=ADA)
        self.clock.now += 1
        self.silence()

    @property
    def everybody(self) -> list[CustomerPeer | AgentPeer]:
        return [self.tab, self.other_tab, self.stranger, self.sam, self.kim, self.bot]

    def change(self, *events: Event, by: Author, ref: str | None = None) -> Change:
        """Return the change that appends *events*."""
        before = self.record
        messages = make_messages(before.request, events, by, AT, ref)
        self.record = replace(before, request=fold(before.request, messages))
        own = next((m for m in messages if m.ref is not None), None)
        return Change(self.record, messages, own, before=before)

    def publish(self, *events: Event, by: Author) -> None:
        self.publisher.publish(self.change(*events, by=by))

    def answer(self, peer: CustomerPeer | AgentPeer, ref: str, *events: Event, by: Author) -> None:
        """Publish *events*, of which one answers the frame *ref* of *peer*."""
        change = self.change(*events, by=by, ref=ref)
        self.publisher.publish(change, peer, PeerReply(peer, ref))

    def silence(self) -> None:
        for peer in self.everybody:
            pop_frames(peer)
