"""Webhooks: other programs are told what happens at the desk, in signed POSTs.

``courier``   reads what each is to be told, tells it, and keeps what became of that
``line``      how one webhook stands, and when there is something to do for it
``schedule``  when a delivery that failed is tried again
``endpoint``  where a webhook goes and what it is told of, made of the settings
``payload``   what the other side reads, in the words of the protocol
``signing``   the signature, as Standard Webhooks has it
``posting``   one POST and how it went; knows sockets, TLS and HTTP
``outcome``   the words for that

It decides nothing about requests, and no chat ever waits for it.
"""
