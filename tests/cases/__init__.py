"""Cases from the field: one table for each reader, with an input and its correct reading a row."""
