"""Cases from the field: one table for each reader, each row a small input and the right reading."""
