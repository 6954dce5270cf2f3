"""A Razorpay of our own: its REST API, its payments and its webhooks, on this machine.

Written from Razorpay's published documentation and from bodies it really sent,
never from our client: what both sides get wrong in the same way, no test finds.
"""

from src.http.sandbox.app import build_sandbox
from src.http.sandbox.settings import SandboxSettings

__all__ = ["SandboxSettings", "build_sandbox"]
