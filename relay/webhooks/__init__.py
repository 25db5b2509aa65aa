"""Webhooks: signed HTTP POSTs that notify other programs of the desk's events.

They change no request, and no conversation ever waits for them.
"""
