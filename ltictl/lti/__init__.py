"""The rules of the LTI specifications; pure, without sockets or files."""
