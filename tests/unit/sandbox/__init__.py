"""Tests of the embedded LMS, over real sockets."""
