"""What people are told: one data class and its templates for each message, written in one place for mail and SMS.

`contents` says what each message needs to know, `templates/` holds the words, `rendering.render` puts them together.
A mail's words stand once, in `KIND.letter`; the kits beside them write the same words as text and as HTML.
"""
