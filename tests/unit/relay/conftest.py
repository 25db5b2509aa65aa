"""How the relay's unit tests search: few examples by default, many with the profile `long`."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long",
    max_examples=2_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
