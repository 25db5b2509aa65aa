"""Webhooks: other programs are told what happens at the desk, in signed POSTs.

``endpoint``  where a webhook goes and what it is told of, made of the settings
``signing``   the signature, as Standard Webhooks has it
``schedule``  when a delivery that failed is tried again
``payload``   what the other side reads, in the words of the protocol
``posting``   one POST and how it went; knows sockets, TLS and HTTP

It decides nothing about requests, and no chat ever waits for it.
"""
