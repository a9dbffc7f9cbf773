"""What the tests share: recordings, platforms to talk to, a browser, and ways to start ltictl."""
