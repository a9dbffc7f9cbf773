"""The temporary callback server: routes, pages, signed form state. Its caller decides."""
