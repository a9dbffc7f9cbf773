"""What the LTI specifications say; pure, without sockets or files."""
