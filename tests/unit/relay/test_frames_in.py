"""Each frame that a client may send, as the protocol writes it."""

import pytest
from msgspec import Struct

from relay.wire import agent_in, customer, webhooks
from relay.wire.codec import agent_frames, customer_frames
from relay.wire.objects import PageObject

CART = PageObject("https://shop.example/cart", "Cart", "")
AT = "2026-11-22T10:35:00.123Z"
EVERY_FILTER = agent_in.Filter(
    status="closed",
    agent=3,
    customer="ada@example.org",
    site="default",
    tag="billing",
    since=AT,
    until=AT,
    closed_before=AT,
    text="cart",
    requests=[42, 41],
    newest=9,
)

FROM_CUSTOMERS: list[tuple[str, Struct]] = [
    (
        """{"type":"hello","ref":"1","token":null,"site":"default","locale":"en-GB",
            "page":{"url":"https://shop.example/cart","title":"Cart","referrer":""},
            "identity":null,"request":null,"after":0,"epoch":null}""",
        customer.Hello("1", None, "default", "en-GB", CART, None, None, 0, None),
    ),
    (
        '{"type":"hello","ref":"1","token":"hdc_x","request":42,"after":7,"epoch":"e"}',
        customer.Hello("1", "hdc_x", request=42, after=7, epoch="e"),
    ),
    (
        '{"type":"open","ref":"o","name":"Ada","email":"ada@example.org","text":"Help"}',
        customer.Open("o", name="Ada", email="ada@example.org", text="Help"),
    ),
    ('{"type":"open","ref":"o"}', customer.Open("o")),
    ('{"type":"send","ref":"s","text":"Hello"}', customer.Send("s", "Hello")),
    ('{"type":"send","ref":"s","text":"Hello","request":42}', customer.Send("s", "Hello", 42)),
    (
        '{"type":"history","ref":"h","before":7}',
        customer.HistoryBefore("h", 7, 50),
    ),
    (
        '{"type":"history","ref":"h","before":7,"limit":200,"request":42}',
        customer.HistoryBefore("h", 7, 200, 42),
    ),
    ('{"type":"typing","on":true}', customer.SetTyping(on=True)),
    ('{"type":"read","seq":7}', customer.SetRead(7)),
    (
        '{"type":"page","page":{"url":"https://shop.example/cart","title":"Cart","referrer":""},'
        '"locale":"en-GB"}',
        customer.SetPage(CART, "en-GB"),
    ),
    ('{"type":"page","page":{}}', customer.SetPage(PageObject())),
    ('{"type":"close","ref":"c"}', customer.Close("c")),
    ('{"type":"rate","ref":"r","score":5}', customer.Rate("r", 5)),
    (
        '{"type":"rate","ref":"r","score":1,"comment":"slow","request":42}',
        customer.Rate("r", 1, "slow", 42),
    ),
    ('{"type":"forget","ref":"f"}', customer.Forget("f")),
    ('{"type":"ping","ref":"p"}', customer.Ping("p")),
]

FROM_AGENTS: list[tuple[str, Struct]] = [
    (
        '{"type":"hello","ref":"1","token":"hda_x","client":"helpdesk-tui/0.1.0","queue":true}',
        agent_in.Hello("1", "hda_x", "helpdesk-tui/0.1.0"),
    ),
    ('{"type":"hello","ref":"1","token":"t","queue":false}', agent_in.Hello("1", "t", queue=False)),
    ('{"type":"hello","ref":"1","as":"Sam"}', agent_in.Hello("1", as_="Sam")),
    ('{"type":"hello","ref":"1","as":3}', agent_in.Hello("1", as_=3)),
    ('{"type":"join","ref":"j","request":42}', agent_in.Join("j", 42)),
    ('{"type":"join","ref":"j","request":42,"after":0}', agent_in.Join("j", 42, 0)),
    ('{"type":"leave","request":42}', agent_in.Leave(42)),
    ('{"type":"claim","ref":"c","request":42}', agent_in.Claim("c", 42)),
    ('{"type":"release","ref":"c","request":42}', agent_in.Release("c", 42)),
    ('{"type":"transfer","ref":"t","request":42,"to":3}', agent_in.Transfer("t", 42, 3)),
    (
        '{"type":"transfer","ref":"t","request":42,"to":3,"note":"Angry"}',
        agent_in.Transfer("t", 42, 3, "Angry"),
    ),
    ('{"type":"send","ref":"s","request":42,"text":"Hi"}', agent_in.Send("s", 42, "Hi")),
    ('{"type":"note","ref":"n","request":42,"text":"Hm"}', agent_in.Note("n", 42, "Hm")),
    ('{"type":"typing","request":42,"on":false}', agent_in.SetTyping(42, on=False)),
    ('{"type":"read","request":42,"seq":7}', agent_in.SetRead(42, 7)),
    ('{"type":"close","ref":"c","request":42}', agent_in.Close("c", 42)),
    ('{"type":"reopen","ref":"r","request":42}', agent_in.Reopen("r", 42)),
    (
        '{"type":"tag","ref":"t","request":42,"add":["billing","a-1"],"remove":["old"]}',
        agent_in.Tag("t", 42, ["billing", "a-1"], ["old"]),
    ),
    ('{"type":"tag","ref":"t","request":42}', agent_in.Tag("t", 42)),
    (
        '{"type":"history","ref":"h","request":42,"before":7,"limit":1}',
        agent_in.HistoryBefore("h", 42, 7, 1),
    ),
    ('{"type":"list","ref":"l"}', agent_in.List("l")),
    (
        """{"type":"list","ref":"l","before":42,"limit":200,"filter":{"status":"closed",
            "agent":3,"customer":"ada@example.org","site":"default","tag":"billing",
            "since":"2026-11-22T10:35:00.123Z","until":"2026-11-22T10:35:00.123Z",
            "closed_before":"2026-11-22T10:35:00.123Z","text":"cart","requests":[42,41],"newest":9}}""",
        agent_in.List("l", EVERY_FILTER, 42, 200),
    ),
    (
        '{"type":"list","ref":"l","filter":{"customer":17}}',
        agent_in.List("l", agent_in.Filter(customer=17)),
    ),
    ('{"type":"search","ref":"s","text":"cart"}', agent_in.Search("s", "cart")),
    (
        '{"type":"search","ref":"s","text":"cart","cursor":"m7","limit":1}',
        agent_in.Search("s", "cart", "m7", 1),
    ),
    (
        f'{{"type":"stats","ref":"s","since":"{AT}","until":"{AT}"}}',
        agent_in.Stats("s", AT, AT),
    ),
    ('{"type":"usage","ref":"u"}', agent_in.Usage("u")),
    ('{"type":"follow","ref":"f"}', agent_in.Follow("f")),
    (
        '{"type":"follow","ref":"f","cursor":"e:7","filter":{"tag":"vip"}}',
        agent_in.Follow("f", "e:7", agent_in.Filter(tag="vip")),
    ),
    ('{"type":"status","ref":"s","status":"away"}', agent_in.SetStatus("s", "away")),
    ('{"type":"agents","ref":"a"}', agent_in.Agents("a")),
    (
        '{"type":"agent_add","ref":"a","name":"Sam","role":"admin"}',
        agent_in.AgentAdd("a", "Sam", "admin"),
    ),
    ('{"type":"agent_token","ref":"a","agent":3}', agent_in.AgentToken("a", 3)),
    (
        '{"type":"agent_set","ref":"a","agent":3,"name":"S","role":"agent","disabled":true}',
        agent_in.AgentSet("a", 3, "S", "agent", disabled=True),
    ),
    (
        '{"type":"canned_set","ref":"c","name":"hello","text":"Hello {customer}"}',
        agent_in.CannedSet("c", "hello", "Hello {customer}"),
    ),
    (
        '{"type":"canned_set","ref":"c","name":"hi","text":"Hi","more":true}',
        agent_in.CannedSet("c", "hi", "Hi", more=True),
    ),
    ('{"type":"canned_remove","ref":"c","name":"hello"}', agent_in.CannedRemove("c", "hello")),
    ('{"type":"webhooks","ref":"w"}', webhooks.ListWebhooks("w")),
    ('{"type":"dead_letters","ref":"d"}', webhooks.ListDeadLetters("d")),
    (
        '{"type":"dead_letters","ref":"d","webhook":"crm"}',
        webhooks.ListDeadLetters("d", "crm"),
    ),
    ('{"type":"webhook_retry","ref":"r"}', webhooks.WebhookRetry("r")),
    (
        '{"type":"webhook_retry","ref":"r","webhook":"crm","delivery":"e:7"}',
        webhooks.WebhookRetry("r", "crm", "e:7"),
    ),
    (
        '{"type":"webhook_drop","ref":"d","webhook":"crm","delivery":"e:7"}',
        webhooks.WebhookDrop("d", "crm", "e:7"),
    ),
    ('{"type":"hold","ref":"h","request":42,"why":"tax"}', agent_in.Hold("h", 42, "tax")),
    ('{"type":"unhold","ref":"h","request":42}', agent_in.Unhold("h", 42)),
    (
        '{"type":"purge","ref":"p","filter":{"tag":"old"},"dry_run":true}',
        agent_in.Purge("p", True, agent_in.Filter(tag="old")),
    ),
    (
        '{"type":"purge","ref":"p","filter":{},"dry_run":false,"plan":"x"}',
        agent_in.Purge("p", False, agent_in.Filter(), "x"),
    ),
    ('{"type":"ping","ref":"p"}', agent_in.Ping("p")),
]


@pytest.mark.parametrize(("text", "frame"), FROM_CUSTOMERS)
def test_a_customers_frame_is_read(text: str, frame: Struct) -> None:
    assert customer_frames.read(text.encode()) == frame


@pytest.mark.parametrize(("text", "frame"), FROM_AGENTS)
def test_an_agents_frame_is_read(text: str, frame: Struct) -> None:
    assert agent_frames.read(text.encode()) == frame


def test_no_frame_is_left_out() -> None:
    assert {type(frame) for _, frame in FROM_CUSTOMERS} == set(customer.ClientFrame.__args__)
    assert {type(frame) for _, frame in FROM_AGENTS} == set(agent_in.ClientFrame.__args__)


def test_fields_that_the_protocol_does_not_know_are_ignored() -> None:
    text = b'{"colour":"red","type":"send","more":{"a":[1]},"ref":"s","text":"Hello"}'
    assert customer_frames.read(text) == customer.Send("s", "Hello")
