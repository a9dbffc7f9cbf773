"""The durable sequence of one attempt: intended, sent, answered, stored."""
