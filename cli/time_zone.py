"""The time zone in which a command shows times and understands dates: ``--tz``, or the machine's.

A zone of None stands for the machine's own, which ``datetime.astimezone`` knows.
"""

from datetime import UTC, datetime, tzinfo

from cli.options import UsageError
from relay.sanitize import printable_line


def pop_zone(given: dict[str, str | None]) -> tzinfo | None:
    """Pop ``tz`` from the flags *given* and return its zone.

    Raises :exc:`UsageError` if there is no such zone, or no table of zones on this machine.
    """
    name = given.pop("tz", None)
    return None if name is None else zone_named(name)


def zone_named(name: str) -> tzinfo:
    """Return the zone called *name*, as in ``Europe/Berlin``; raise :exc:`UsageError` if none."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    if name.upper() in {"UTC", "Z"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if not available_timezones():
            raise UsageError(
                f"--tz: {name!r} cannot be looked up, since this machine has no table of time "
                "zones; install the package tzdata, or give UTC."
            ) from None
        raise UsageError(
            f"--tz: {name!r} is no time zone; write one such as Europe/Berlin or UTC."
        ) from None


def local_minute(at: str, zone: tzinfo | None) -> str:
    """Return *at*, a time of the protocol, in *zone*: ``2026-11-22 11:35+01:00``."""
    return _local(at, zone, "minutes")


def local_second(at: str, zone: tzinfo | None) -> str:
    """Return *at*, a time of the protocol, in *zone*: ``2026-11-22 11:35:07+01:00``."""
    return _local(at, zone, "seconds")


def _local(at: str, zone: tzinfo | None, precision: str) -> str:
    try:
        local = datetime.fromisoformat(at).astimezone(zone)
    except (ValueError, OverflowError):  # a relay elsewhere may say anything
        return printable_line(at)
    return local.isoformat(" ", precision)
