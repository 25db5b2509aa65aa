"""Webhooks: signed HTTP POSTs that tell other programs what happens at the desk.

It decides nothing about requests, and no conversation ever waits for it.
"""
