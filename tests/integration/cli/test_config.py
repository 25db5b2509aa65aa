"""`helpdesk config`: what is set, by what, and a file to begin with."""

import json
import re
import stat
import tomllib

import pytest

from relay.settings import Settings, Webhook
from relay.settings.template import starter
from tests.integration.cli.machine import Machine

EXAMPLES = {
    name: field.examples[0] for name, field in Settings.model_fields.items() if field.examples
}
SECRET = "correct horse battery staple"
SIGNS = f"whsec_{'A' * 32}"


def test_each_value_is_shown_with_where_it_comes_from(machine: Machine) -> None:
    (machine.home / "helpdesk.toml").write_text("port = 1\nburst = 7\n")
    machine.variables = {"HELPDESK_PORT": "2"}
    told = json.loads(machine.call("config", "show", "--json").stdout)
    assert told.keys() == Settings.model_fields.keys()
    assert told["port"] == {"value": 2, "from": "HELPDESK_PORT"}
    assert told["burst"] == {"value": 7, "from": "helpdesk.toml"}
    assert told["host"] == {"value": ["127.0.0.1"], "from": "default"}
    rows = [line.split() for line in machine.call("config", "show").stdout.splitlines()]
    assert rows[0] == ["SETTING", "VALUE", "FROM"]
    assert ["port", "2", "HELPDESK_PORT"] in rows


def test_no_secret_is_shown(machine: Machine) -> None:
    (machine.home / "helpdesk.toml").write_text(
        f"metrics_token = '{SECRET}'\ntoken = '{SECRET}'\nidentity_keys = {{ a = '{SECRET}' }}\n"
        f"[sites.shop]\nidentity_keys = {{ b = '{SECRET}' }}\n"
        f"[webhooks.crm]\nurl = 'https://crm.example/{SECRET.replace(' ', '-')}'\n"
        f"secrets = ['{SIGNS}']\n"
    )
    for arguments in (("show",), ("show", "--json"), ("check",), ("check", "--json")):
        done = machine.call("config", *arguments)
        assert done.code == 0
        for secret in (SECRET, SECRET.replace(" ", "-"), SIGNS):
            assert secret not in done.stdout + done.stderr
    told = machine.call("config", "show", "--json").stdout
    assert told.count("(set, not shown)") == 5
    assert "https://crm.example/..." in told


def test_a_check_tells_what_the_relay_would_not_take(machine: Machine) -> None:
    machine.variables = {"HELPDESK_PROT": "1"}
    done = machine.call("config", "check")
    assert (done.code, done.stdout) == (0, "")
    assert "HELPDESK_PROT is no setting" in done.stderr
    assert "the relay takes these settings; 1 of them are set." in done.stderr
    assert machine.call("config", "check", "--quiet").stderr == ""
    told = json.loads(machine.call("config", "check", "--json").stdout)
    assert told == {"ok": True, "set": ["database"], "unknown_variables": ["HELPDESK_PROT"]}
    (machine.home / "helpdesk.toml").write_text("prot = 1\n")
    assert "perhaps port is meant" in machine.call("config", "check").failed()


def test_a_first_file_is_written_once_and_for_its_owner_alone(machine: Machine) -> None:
    done = machine.call("config", "init")
    assert (done.code, done.stdout) == (0, "")
    file = machine.home / "helpdesk.toml"
    assert file.read_text() == starter()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("port = 1\n")
    assert "is there already" in machine.call("config", "init").failed()
    assert file.read_text() == "port = 1\n"
    assert machine.run("config", "init", "-o", "-").stdout == starter()
    assert "Cannot write" in machine.call("config", "init", "-o", "none/such.toml").failed()


def test_the_first_file_sets_nothing_and_names_everything() -> None:
    assert tomllib.loads(starter()) == {}
    set_ = tomllib.loads(re.sub(r"^#(?=\S)", "", starter(), flags=re.MULTILINE))
    assert set_.keys() == Settings.model_fields.keys()
    assert set_["sites"].keys() == {"shop"}
    assert set_["webhooks"]["crm"].keys() == Webhook.model_fields.keys()
    tables = {*EXAMPLES, "sites", "webhooks"}
    usual = {name: value for name, value in set_.items() if name not in tables}
    plain = Settings().model_dump(mode="json")
    assert usual == {name: plain[name] for name in usual}


@pytest.mark.parametrize("name", ["public_url", "retention_days", "auto_close_after", "log_format"])
def test_an_example_is_taken_and_no_secret_is_one(name: str) -> None:
    assert Settings.model_validate({name: EXAMPLES[name]})
    assert EXAMPLES["metrics_token"] == EXAMPLES["token"] == ""
