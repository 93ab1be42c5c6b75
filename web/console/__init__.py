"""The console: pages of staff, auditors, analysts and operators. Every page is in the role matrix, as every other."""
