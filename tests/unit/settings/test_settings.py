"""The settings: precedence, refusals and their sentences, secrets that are never shown."""

from pathlib import Path

import pytest

from relay.errors import StartError
from relay.settings import FlagError, Settings, Site
from relay.settings.load import merge


def refusal(setting: str, value: object) -> str:
    """Return what is said of *value* in the file."""
    with pytest.raises(StartError) as refused:
        merge({}, {}, {setting: value}, "helpdesk.toml")
    return str(refused.value)


def test_a_flag_beats_the_environment_and_that_beats_the_file() -> None:
    settings = merge(
        {"port": "1"},
        {"port": "2", "host": "two"},
        {"port": 3, "host": "three", "burst": 3},
        "helpdesk.toml",
    )
    assert (settings.port, settings.host, settings.burst) == (1, ("two",), 3)


def test_keys_in_the_environment_replace_those_in_the_file() -> None:
    """A key that was taken out of the environment must not live on in the file unseen."""
    settings = merge(
        {}, {"identity_keys": {"new": "n"}}, {"identity_keys": {"old": "o"}}, "helpdesk.toml"
    )
    assert settings.identity_keys == {"new": "n"}


def test_a_mistake_names_the_flag_the_variable_or_the_key() -> None:
    with pytest.raises(FlagError, match=r"^--text-limit: it has to be a whole number"):
        merge({"text_limit": "-1"}, {"text_limit": "1"}, {}, "helpdesk.toml")
    with pytest.raises(StartError, match=r"^HELPDESK_TEXT_LIMIT: it has to be a whole number"):
        merge({}, {"text_limit": "many"}, {"text_limit": 1}, "helpdesk.toml")
    assert refusal("text_limit", 1.5).startswith("text_limit in helpdesk.toml: it has to be")


NO_HOST = "it has to be a host's name or address, or several with commas between them or as a list."


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("host", "a\0b", NO_HOST),
        ("host", "ü..x", NO_HOST),
        ("database", "a\0b", "a path cannot hold a NUL; give a path or sqlite:///PATH."),
    ],
)
def test_what_the_system_could_not_take_is_refused(setting: str, value: str, said: str) -> None:
    refused = refusal(setting, value).replace(".0 in ", " in ")  # the place in a list
    assert refused == f"{setting} in helpdesk.toml: {said}"


def test_an_unknown_key_is_refused_with_the_one_that_may_be_meant() -> None:
    assert refusal("prot", 1) == (
        "prot in helpdesk.toml: there is no such setting; perhaps port is meant."
    )
    assert refusal("sites", {"shop": {"orgins": []}}) == (
        "sites.shop.orgins in helpdesk.toml: there is no such setting; perhaps origins is meant."
    )
    assert "there are host, port, database" in refusal("zzz", 1)


@pytest.mark.parametrize("value", [False, True])
@pytest.mark.parametrize("setting", ["port", "retention_days", "burst", "messages_per_second"])
def test_no_is_not_zero(setting: str, value: bool) -> None:
    """`retention_days = false` must not come to mean: delete everything at closing."""
    assert "it has to be a" in refusal(setting, value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("port", 65_536),
        ("host", ""),
        ("database", "postgresql://db"),
        ("public_url", "desk.example"),
        ("allowed_origins", ["https://shop.example", "shop.example"]),
        ("allowed_origins", 3),
        ("desk_name", "x" * 101),
        ("greeting", "  "),
        ("retention_days", -1),
        ("retention_days", 36_501),
        ("messages_per_second", float("inf")),
        ("messages_per_second", "nan"),
        ("log_level", "LOUD"),
        ("identity_keys", {"2026": ""}),
        ("identity_keys", {"": "hunter2"}),
        ("sites", {"default": {}}),
        ("sites", {"shop": 3}),
        ("sites", 3),
        ("url", "ftp://desk.example"),
    ],
)
def test_every_refusal_is_one_sentence_without_secrets(setting: str, value: object) -> None:
    sentence = refusal(setting, value)
    assert sentence.startswith(setting)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "hunter2" not in sentence
    assert "pydantic" not in sentence


def test_origins_are_a_list_or_parted_by_commas() -> None:
    written = merge({}, {"allowed_origins": "http://A.example , http://b.example,"}, {}, "")
    listed = merge({}, {}, {"allowed_origins": ["http://a.example", "http://b.example/"]}, "")
    assert written.allowed_origins == listed.allowed_origins
    assert listed.allowed_origins == ("http://a.example", "http://b.example")


def test_networks_are_told_in_their_one_spelling_and_one_with_a_host_in_it_is_refused() -> None:
    written = merge({}, {"trusted_proxies": "10.0.0.0/8, 127.0.0.1,::1"}, {}, "")
    assert written.trusted_proxies == ("10.0.0.0/8", "127.0.0.1/32", "::1/128")
    for wrong in ("10.0.0.1/8", "proxy.example", "10.0.0.0/33"):
        assert "is no network" in refusal("trusted_proxies", wrong)


def test_the_default_site_is_always_there() -> None:
    settings = Settings(
        allowed_origins=("https://www.example",), greeting="Hi", identity_keys={"a": "b"}
    )
    assert settings.site("default") == Site(
        origins=("https://www.example",), greeting="Hi", identity_keys={"a": "b"}
    )
    assert settings.site("shop") is None


def test_a_site_greets_as_the_default_one_unless_it_says_otherwise() -> None:
    sites = {"shop": {}, "blog": {"greeting": "Read on"}}
    settings = merge({}, {}, {"greeting": "Hi", "sites": sites}, "")
    assert [settings.sites[name].greeting for name in sites] == ["Hi", "Read on"]
    assert settings.site("blog") == Site(greeting="Read on")


def test_a_greeting_by_language_goes_with_the_greeting_of_its_site() -> None:
    sites = {"shop": {}, "blog": {"greeting": "Read on"}, "docs": {"greetings": {"fr": "Salut"}}}
    given = {"greeting": "Hi", "greetings": {"de": "Tag"}, "sites": sites}
    settings = merge({}, {}, given, "")
    found = {name: (site.greeting, site.greetings) for name, site in settings.sites.items()}
    assert found == {
        "shop": ("Hi", {"de": "Tag"}),
        "blog": ("Read on", {}),
        "docs": ("Hi", {"fr": "Salut"}),
    }
    for wrong in ({"de": ""}, {"German": "Tag"}, {"de_AT": "Tag"}, "Tag"):
        assert 'such as `{"de": "Guten Tag!"}`' in refusal("greetings", wrong)


def test_secrets_do_not_show() -> None:
    settings = merge(
        {"token": "hunter2"},
        {"identity_keys": {"2026": "hunter2"}},
        {"sites": {"shop": {"identity_keys": {"2026": "hunter2"}}}},
        "",
    )
    assert "hunter2" not in repr(settings) + str(settings) + repr(settings.site("shop"))


def test_the_control_socket_lies_beside_the_database() -> None:
    settings = Settings(database="sqlite:////data/desk.db")
    assert settings.database_path == Path("/data/desk.db")
    assert settings.control_path == Path("/data/desk.db.sock")


def test_the_database_s_place_is_absolute_and_knows_the_home_folder() -> None:
    assert Settings(database="desk.db").database_path == Path.cwd() / "desk.db"
    assert Settings(database="~/desk.db").database_path == Path.home() / "desk.db"


@pytest.mark.parametrize("off", ["messages_per_second", "burst"])
def test_zero_frees_both_roles(off: str) -> None:
    usual, free = Settings(), merge({off: "0"}, {}, {}, "")
    assert (usual.agent_messages_per_second, usual.agent_burst) == (50, 200)
    assert (free.agent_messages_per_second, free.agent_burst) == (0, 0)


def test_a_text_that_is_taken_fits_into_a_frame_or_the_limits_are_refused() -> None:
    with pytest.raises(StartError, match=r"make it 161024, or the text_limit smaller\."):
        merge({}, {"text_limit": 40_000}, {}, "")
    assert merge({}, {"text_limit": 40_000, "frame_limit": 161_024}, {}, "").text_limit == 40_000
    assert merge({}, {"text_limit": 40_000, "frame_limit": 0}, {}, "").frame_limit == 0
    assert merge({}, {"text_limit": 0}, {}, "").text_limit == 0
