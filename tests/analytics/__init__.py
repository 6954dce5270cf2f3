"""Every figure that analysts are shown, beside an independent reading of the facts."""
