"""What every request passes through: its utility and its visit, origin, admission, headers, errors."""
