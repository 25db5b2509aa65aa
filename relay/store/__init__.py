"""The store: SQLite behind SQLAlchemy Core, one writer, and nothing heard of before it is synced.

``schema``      the tables
``migrations``  how older files become this one
``identity``    whose a file is, of which schema, and whether it is whole
``opening``     a file becomes a store: lock, identity, schema, connections
``lock``        one process owns the database
``rows``        rows to records and back
``transaction`` what may be done within a batch, in the desk's words
``outbox``      what webhooks are to be told, and what they could not be
``deliveries``  how webhooks stand, for who runs the desk
``erasing``     requests go with all that hangs on them
``audit``       the chain of what was erased, when and by whom
``indexing``    the full-text index, filled behind the commits
``searching``   the index, asked, and with it what waits for it
``saying``      which of the texts that wait say what is asked
``words``       texts as words, for all three
``ids``         the ids of messages
``reading``     lists and pages, for readers
``parts``       which files belong to a desk
``checking``    whether a database keeps what was promised
``backup``      complete copies, of a running desk too
``restoring``   a backup becomes the desk
``exporting``   requests with their logs, one or a million, in constant memory
``importing``   an export becomes the desk
``lines``       the lines of an export, and back
``writer``      the thread that runs what waits in one transaction and wakes its waiters once
``upkeep``      what the writer does in between: proofs of the disk, checkpoints, the index
``health``      why the store takes no messages, if it takes none
``engine``      the pragmas; statements that only SQLite understands

The only package that knows SQLAlchemy. It decides nothing: what is stored was decided by ``desk``.
"""
