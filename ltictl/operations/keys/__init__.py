"""The life of signing keys: made, published, switched, withdrawn, proved."""
