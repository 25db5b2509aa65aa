"""How long the tests in a browser wait for what should be seen."""

from playwright.async_api import expect

from tests.patience import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)
