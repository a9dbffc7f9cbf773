"""Documents in object storage, by the verbs of ``Folder`` over conditional writes."""
