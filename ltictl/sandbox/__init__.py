"""The embedded LMS for rehearsals, the demo and the tests.

It stands in for somebody else's server, so it shares no code with the tool side of ltictl.
"""
