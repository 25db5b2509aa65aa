"""Webhooks in the settings: refusals and their sentences, secrets that are never shown."""

import pytest

from relay.desk.events import EVENT_TYPES
from relay.errors import StartError
from relay.settings import Webhook
from relay.settings.load import merge
from relay.settings.model import EVENTS, USUAL
from relay.webhooks.payload import endpoints

SECRET = f"whsec_{'A' * 32}"
URL = "https://crm.example/hook"


def taken(**webhook: object) -> Webhook:
    """Return the webhook that the file sets with these values."""
    table = {"url": URL, "secrets": [SECRET], **webhook}
    return merge({}, {}, {"webhooks": {"crm": table}}, "helpdesk.toml").webhooks["crm"]


def refusal(webhooks: object) -> str:
    """Return what is said of *webhooks* in the file."""
    with pytest.raises(StartError) as refused:
        merge({}, {}, {"webhooks": webhooks}, "helpdesk.toml")
    sentence = str(refused.value)
    assert sentence.startswith("webhooks")
    assert sentence.endswith(".")
    assert "hunter2" not in sentence
    return sentence


def test_a_webhook_is_told_of_the_usual_events_without_words() -> None:
    assert (taken().events, taken().words) == (USUAL, False)
    assert taken(events="opened, note").events == ("opened", "note")


def test_every_activity_of_the_log_can_be_told() -> None:
    activities = {kind.activity for kind in EVENT_TYPES if kind.activity}
    assert {*EVENTS} == activities | {"message", "note"}
    assert (
        *USUAL,
        "note",
        "released",
        "transferred",
        "reopened",
        "tagged",
        "held",
        "verified",
    ) == EVENTS


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/x", "http://localhost", "http://[::1]:80/", "https://a.example?b=c"],
)
def test_an_address_is_https_or_of_this_machine(url: str) -> None:
    assert taken(url=url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/hunter2",
        "http://10.0.0.1/hunter2",
        "http://127.0.0.1.example/hunter2",
        "https://user:hunter2@crm.example",
        "https://crm.example/#hunter2",
        "https://crm.example/hunter2 x",
        "https://crm.example/hunter2\r\nX: y",
        "https://crm.example/h\N{LATIN SMALL LETTER U WITH DIAERESIS}nter2",
        "ftp://crm.example/hunter2",
        "https:///hunter2",
        f"https://{'hunter2' * 10}.example",
        "hunter2",
    ],
)
def test_any_other_address_is_refused_and_not_repeated(url: str) -> None:
    assert "webhooks.crm.url" in refusal({"crm": {"url": url, "secrets": [SECRET]}})


@pytest.mark.parametrize(
    "secrets",
    [[], ["hunter2"], ["whsec_"], ["whsec_hunter2"], [f"x{SECRET}"], [SECRET] * 4, 3],
)
def test_a_secret_is_of_the_form_that_others_read(secrets: object) -> None:
    assert "helpdesk webhooks secret" in refusal({"crm": {"url": URL, "secrets": secrets}})


def test_other_mistakes_name_the_key_and_the_remedy() -> None:
    assert "it has to be a list of opened," in refusal(
        {"crm": {"url": URL, "secrets": [SECRET], "events": ["opend"]}}
    )
    assert "perhaps words is meant" in refusal(
        {"crm": {"url": URL, "secrets": [SECRET], "word": 1}}
    )
    assert "webhooks.crm.url" in refusal({"crm": {"secrets": [SECRET]}})
    for wrong in ({"C R M": {"url": URL, "secrets": [SECRET]}}, {"crm": 3}, 3):
        assert "under a name of a-z, 0-9 and -" in refusal(wrong)


def test_no_secret_shows() -> None:
    settings = merge(
        {}, {}, {"webhooks": {"crm": {"url": f"{URL}?hunter2", "secrets": [SECRET]}}}, ""
    )
    made = endpoints(settings)["crm"]
    for shown in (repr(settings), repr(settings.webhooks), repr(made)):
        assert "AAAA" not in shown
        assert "hunter2" not in shown
    assert made.target == "/hook?hunter2"
    assert settings.webhooks["crm"].shown_url == "https://crm.example/..."
    assert taken(url="https://crm.example/").shown_url == "https://crm.example"
