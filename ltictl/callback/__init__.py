"""The temporary callback server: routes, pages, signed form state. It is handed what to do."""
