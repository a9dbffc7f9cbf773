"""Documents in object storage: the verbs of ``Folder`` over conditional writes, without a lock."""
