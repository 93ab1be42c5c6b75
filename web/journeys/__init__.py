"""What people come for, a file each. The site and the API call these and nothing below them.

A journey takes a `Visit` and plain values. It raises the domain's refusals, `FieldErrors` for input that cannot be used,
and those of `web.journeys.refusals`; it knows no HTTP.
"""
