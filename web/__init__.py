"""The JSON API, the site, and who may do what on them. Falcon on ASGI."""
