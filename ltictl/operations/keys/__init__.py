"""The life of signing keys: make, publish, switch and withdraw them."""
