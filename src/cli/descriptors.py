"""File descriptors: a connection takes one, and a process that has none left accepts nobody."""

import resource

OWN_MAX = 512
"""What a process needs besides clients: engines, logs, Razorpay."""


def descriptors_for(connections_max: int) -> int:
    """Take as many as are wanted and allowed, and return how many connections that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections_max + OWN_MAX
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return connections_max if soft == resource.RLIM_INFINITY else _fitting(soft, connections_max)


def _fitting(descriptors: int, connections_max: int) -> int:
    """However few there are, half of them are for clients."""
    return min(connections_max, max(descriptors - OWN_MAX, descriptors // 2))
