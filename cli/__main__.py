"""`python -m cli` is `helpdesk`. Nothing else happens here."""

from cli.main import run

run()
