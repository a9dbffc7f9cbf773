"""Changes the code that keeps strangers out, piece by piece, and counts what no test notices."""
