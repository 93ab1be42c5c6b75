"""The API's documentation as a page: Swagger UI, served from here."""
