"""The schema `read`: what analysts see of a shop, in its own words."""
