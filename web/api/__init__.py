"""The JSON API under /api/v1: thin resources that call journeys. Marshmallow checks what comes in, msgspec writes answers."""
